#include <charconv>

#include "crypto/crypto.hpp"
#include "http/json.hpp"
#include "http/page.hpp"
#include "privacy/consent.hpp"

namespace astrotalk::privacy {
namespace {

using http::exchange;
using http::problem;
using http::response;

struct consent_body {
    std::int32_t version = 0;
    std::string hash;
    std::string language;
    bool accepted = false;
};
BOOST_DESCRIBE_STRUCT(consent_body, (), (version, hash, language, accepted))

struct notice_answer {
    std::string purpose;
    std::int32_t version = 0;
    std::string language, hash;
    std::vector<std::string> languages;
    http::raw_json notice;
};
BOOST_DESCRIBE_STRUCT(notice_answer, (), (purpose, version, language, hash, languages, notice))

struct consent_answer {
    uuid id;
    std::string purpose;
    std::int32_t version = 0;
    std::string language, hash;
    http::raw_json items;
    std::string channel;
    instant given_at;
    std::optional<instant> withdrawn_at;
    bool active = false;
};
BOOST_DESCRIBE_STRUCT(consent_answer, (),
                      (id, purpose, version, language, hash, items, channel, given_at, withdrawn_at, active))

consent_answer on_the_wire(consent from) {
    return {from.id,
            std::move(from.purpose),
            from.notice_version,
            std::move(from.language),
            crypto::hex(from.notice_hash),
            {std::move(from.items)},
            std::move(from.channel),
            from.given_at,
            from.withdrawn_at,
            !from.withdrawn_at};
}

response refused(consent_error why) {
    switch (why) {
        case consent_error::notice_not_found:
            return problem(404, "notice_not_found", "There is no such notice.");
        case consent_error::notice_changed:
            return problem(409, "notice_changed", "The notice is another one now: show it and ask again.");
    }
    __builtin_unreachable();
}

response refused(std::string pointer, std::string expected) {
    return problem(http::faults{{{std::move(pointer), std::move(expected)}}});
}

// What the server sees itself proves more than what a client says of itself: pages send Origin with whatever
// changes something, apps do not.
std::string channel_of(const http::request& in) { return in.header("origin").empty() ? "app" : "web"; }

consenter consenter_of(const exchange& x, std::string purpose) {
    return {.id = x.caller(),
            .purpose = std::move(purpose),
            .channel = channel_of(x.in),
            .address = personal(x.in.peer),
            .user_agent = personal(std::string(x.in.header("user-agent").substr(0, 512))),
            .request_id = x.request_id};
}

std::optional<std::string> purpose_of(const exchange& x) {
    auto purpose = http::decode_path_value(x.path_values[0]);
    return purpose && is_purpose(*purpose) ? purpose : std::nullopt;
}

// Nothing: it was not asked for. Zero: it is no version.
std::optional<std::int32_t> version_of(const exchange& x) {
    const auto text = x.in.parameter("version");
    if (!text) return std::nullopt;
    std::int32_t version = 0;
    const auto* end = text->data() + text->size();
    const auto [at, failure] = std::from_chars(text->data(), end, version);
    return failure == std::errc{} && at == end && version > 0 ? version : 0;
}

task<response> get_notice(service& s, exchange& x) {
    const auto purpose = purpose_of(x);
    if (!purpose) co_return refused(consent_error::notice_not_found);
    const auto language = x.in.parameter("language").value_or("en");
    if (!is_notice_language(language)) co_return refused("language", "en or hi");
    const auto version = version_of(x);
    if (version == 0) co_return refused("version", "a version of the notice, from 1");
    auto found = co_await read_notice(s, *purpose, language, version);
    if (!found) co_return refused(consent_error::notice_not_found);
    co_return http::ok(notice_answer{*purpose,
                                     found->version,
                                     language,
                                     crypto::hex(found->hash),
                                     {"en", "hi"},
                                     {std::move(found->content)}});
}

task<response> get_consents(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    std::vector<consent_answer> items;
    for (auto& each : co_await list_consents(s, x.caller(), *before, asked->limit))
        items.push_back(on_the_wire(std::move(each)));
    co_return http::ok(http::page_by_id(std::move(items), *asked));
}

task<response> post_consent(service& s, exchange& x) {
    auto purpose = purpose_of(x);
    if (!purpose) co_return refused(consent_error::notice_not_found);
    auto body = http::from_json<consent_body>(x.in.body);
    if (!body) co_return problem(body.error());
    if (!is_notice_language(body->language)) co_return refused("/language", "en or hi");
    auto hash = crypto::unhex(body->hash);
    if (!hash || hash->size() != 32) co_return refused("/hash", "the hash of the notice, 64 hex digits");
    if (!body->accepted) co_return refused("/accepted", "true: consent is given, never assumed");
    auto given = co_await give_consent(s, consenter_of(x, std::move(*purpose)),
                                       {body->version, std::move(body->language), std::move(*hash)});
    if (!given) co_return refused(given.error());
    co_return http::ok(on_the_wire(std::move(*given)));
}

task<response> delete_consent(service& s, exchange& x) {
    auto purpose = purpose_of(x);
    if (!purpose) co_return refused(consent_error::notice_not_found);
    co_await withdraw_consent(s, consenter_of(x, std::move(*purpose)));
    response r;
    r.status = 204;
    co_return r;
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/consents/notices/{purpose}", http::access::anyone, get_notice},
    {http::verb::get, "/v1/consents", http::access::signed_in, get_consents},
    {http::verb::post, "/v1/consents/{purpose}", http::access::signed_in, post_consent},
    {http::verb::delete_, "/v1/consents/{purpose}", http::access::signed_in, delete_consent},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::privacy
