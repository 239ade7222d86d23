#include "notification/signed_post.hpp"

#include "core/clock.hpp"
#include "crypto/crypto.hpp"

namespace astrotalk::notification {

namespace {
constexpr std::chrono::seconds deadline{5};
}

http::client_request signed_post(std::string url, std::string_view content_type, std::string body,
                                 const aws::credentials& who, const aws::scope& where) {
    http::client_request call;
    call.method = http::verb::post;
    call.url = std::move(url);
    call.body = std::move(body);
    call.deadline = deadline;
    const std::string_view after_scheme = std::string_view(call.url).substr(call.url.find("://") + 3);
    const auto slash = after_scheme.find('/');
    const std::pair<std::string_view, std::string_view> headers[] = {{"host", after_scheme.substr(0, slash)},
                                                                     {"content-type", content_type}};
    const auto digest = crypto::hex(crypto::sha256(call.body));
    call.headers =
        aws::sign({"POST", after_scheme.substr(slash), "", headers, digest}, who, where, clock::now());
    call.headers.emplace_back("content-type", content_type);
    return call;
}

}  // namespace astrotalk::notification
