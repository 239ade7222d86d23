#include "storage/embedded_store.hpp"

#include "storage/links.hpp"

namespace astrotalk::storage {
namespace {

using std::chrono::steady_clock;

error explain(write_verdict why) {
    return why == write_verdict::missing ? error::no_such_object : error::condition_failed;
}

}  // namespace

// Whoever waited for too long has gone: the disk is spared.
template <class Work>
task<std::invoke_result_t<Work>> embedded_store::in_time(Work work) {
    const auto latest = steady_clock::now() + how_.deadline;
    co_return co_await files_.run([&] {
        if (steady_clock::now() > latest) throw overloaded();
        return work();
    });
}

task<result<object_facts, error>> embedded_store::put(std::string bucket, std::string key,
                                                      object_traits traits, std::string content,
                                                      write_condition condition) {
    if (content.size() > how_.object_limit) co_return error::too_large;
    traits.checksum_algorithm.clear();  // nobody sent one
    traits.checksum.clear();
    auto stored =
        co_await in_time([&] { return objects_.put(bucket, key, std::move(traits), content, condition); });
    if (!stored) co_return explain(stored.error());
    co_return std::move(*stored);
}

task<result<object, error>> embedded_store::get(std::string bucket, std::string key,
                                                std::optional<byte_span> part) {
    bool there = true;
    auto found = co_await in_time([&] {
        return objects_.get(bucket, key, [&](const object_facts& of) -> std::optional<byte_span> {
            if (!part) return byte_span{0, of.size};
            there = part->first < of.size && part->size > 0;
            if (!there) return std::nullopt;
            return byte_span{part->first, std::min(part->size, of.size - part->first)};
        });
    });
    if (!found) co_return error::no_such_object;
    if (!there) co_return error::no_such_range;
    co_return object{std::move(found->facts), std::move(found->content)};
}

task<result<object_facts, error>> embedded_store::head(std::string bucket, std::string key) {
    auto found = co_await in_time([&] { return objects_.head(bucket, key); });
    if (!found) co_return error::no_such_object;
    co_return std::move(*found);
}

task<void> embedded_store::remove(std::string bucket, std::string key) {
    co_await in_time([&] { objects_.remove(bucket, key); });
}

task<page> embedded_store::list(std::string bucket, list_request what) {
    co_return co_await in_time([&] { return objects_.list(bucket, what); });
}

std::string embedded_store::link_to_put(const std::string& bucket, const std::string& key,
                                        const upload_terms& terms, std::chrono::seconds lifetime) {
    return upload_link(address_of(how_.endpoint, bucket, key, true), terms, how_.own, how_.region, lifetime);
}

std::string embedded_store::link_to_get(const std::string& bucket, const std::string& key,
                                        const download_terms& terms, std::chrono::seconds lifetime) {
    return download_link(address_of(how_.endpoint, bucket, key, true), terms, how_.own, how_.region,
                         lifetime);
}

}  // namespace astrotalk::storage
