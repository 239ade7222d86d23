#include "redis/protocol.hpp"

#include <hiredis/hiredis.h>

#include <stdexcept>

#include "core/verify.hpp"

namespace astrotalk::redis {
namespace {

reply converted(const redisReply& from) {
    using kind = reply::kind;
    reply to;
    switch (from.type) {
        case REDIS_REPLY_INTEGER:
            to.is = kind::integer;
            to.integer = from.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            to.is = from.type == REDIS_REPLY_ERROR ? kind::error : kind::text;
            to.text.assign(from.str, from.len);
            break;
        case REDIS_REPLY_ARRAY:
            to.is = kind::list;
            for (std::size_t i = 0; i < from.elements; ++i) to.list.push_back(converted(*from.element[i]));
            break;
        default: break;
    }
    return to;
}

}  // namespace

void append_command(std::string& out, const std::vector<std::string>& command) {
    out += fmt::format("*{}\r\n", command.size());
    for (const auto& word : command) {
        out += fmt::format("${}\r\n", word.size());
        out += word;
        out += "\r\n";
    }
}

void reply_reader::freed::operator()(redisReader* reader) const { redisReaderFree(reader); }

reply_reader::reply_reader() : reader_(redisReaderCreate()) { verify(reader_ != nullptr); }

void reply_reader::feed(std::string_view received) {
    if (redisReaderFeed(reader_.get(), received.data(), received.size()) != REDIS_OK)
        throw std::runtime_error(reader_->errstr);
}

std::optional<reply> reply_reader::next() {
    void* whole = nullptr;
    if (redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) throw std::runtime_error(reader_->errstr);
    if (whole == nullptr) return std::nullopt;
    const std::unique_ptr<void, decltype(&freeReplyObject)> kept(whole, &freeReplyObject);
    return converted(*static_cast<const redisReply*>(whole));
}

}  // namespace astrotalk::redis
