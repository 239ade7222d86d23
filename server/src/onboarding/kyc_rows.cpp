#include "core/log.hpp"
#include "http/json.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

struct stored_origin {
    std::string address, agent, device;
};
BOOST_DESCRIBE_STRUCT(stored_origin, (), (address, agent, device))

constexpr std::size_t longest_agent = 512;

std::optional<std::string> opened(const crypto::keyring& keys, std::string_view purpose, uuid row,
                                  const bytes& sealed) {
    auto text = keys.open(purpose, sealed, place_of(purpose, row));
    if (!text) log::error("kyc.sealed_value_does_not_open", {{"column", log::text(purpose)}, {"row", row}});
    return text;
}

}  // namespace

std::string place_of(std::string_view purpose, uuid row) {
    return fmt::format("{}:{}", purpose, row.to_string());
}

bytes pan_hash_of(const crypto::keyring& keys, std::string_view pan) { return keys.mac("kyc-pan", pan); }

std::optional<bytes> origin_hash_of(const crypto::keyring& keys, std::string_view purpose,
                                    std::string_view value) {
    if (value.empty()) return std::nullopt;
    auto hash = keys.mac(purpose, value);
    hash.resize(16);
    return hash;
}

std::string address_mark_of(const crypto::keyring& keys, std::string_view address) {
    const auto hash = origin_hash_of(keys, "kyc-address", address);
    return hash ? crypto::hex(*hash) : std::string();
}

bytes seal_origin(const crypto::keyring& keys, std::string_view purpose, uuid row, const origin& from) {
    const stored_origin kept{from.address, from.agent.substr(0, longest_agent), from.device};
    return keys.seal(purpose, http::to_json(kept), place_of(purpose, row));
}

origin open_origin(const crypto::keyring& keys, std::string_view purpose, uuid row,
                   const std::optional<bytes>& sealed) {
    if (!sealed) return {};
    const auto text = opened(keys, purpose, row, *sealed);
    if (!text) return {};
    const auto kept = http::from_json<stored_origin>(*text);
    return kept ? origin{kept->address, kept->agent, kept->device} : origin{};
}

personal phone_of(const crypto::keyring& keys, user_id who, const bytes& sealed) {
    return personal(opened(keys, "pool_user.phone", who.value, sealed).value_or(""));
}

personal legal_name_of(const crypto::keyring& keys, user_id who, const std::optional<bytes>& sealed) {
    if (!sealed) return {};
    return personal(opened(keys, legal_name_purpose, who.value, *sealed).value_or(""));
}

session_view view_of(service& s, const session_row& row, const personal& phone) {
    session_view shown{.id = row.id,
                       .state = parse_state(row.state).value_or(state::creating),
                       .attempt = row.attempt,
                       .started_at = row.started_at,
                       .expires_at = row.expires_at,
                       .ended_at = row.ended_at,
                       .cause = row.cause,
                       .gateway_url = {}};
    if (shown.state != state::open || !row.token_sealed || !row.kid || clock::now() >= row.expires_at)
        return shown;
    if (auto token = opened(s.keys, token_purpose, row.id, *row.token_sealed))
        shown.gateway_url = s.digio.page_url(*row.kid, phone, {secret(std::move(*token)), {}});
    return shown;
}

standing standing_of(const person_row& row) {
    for (const auto each : {standing::not_started, standing::in_progress, standing::completed,
                            standing::failed, standing::rejected})
        if (row.kyc_status == name_of(each)) return each;
    return standing::not_started;
}

task<std::optional<case_row>> read_case(service& s, uuid session) {
    co_return co_await s.pg.write_one<case_row>(sql::read_kyc_case, session);
}

session session_of(const case_row& row) {
    return {.now = parse_state(row.state).value_or(state::abandoned),
            .id = row.id.to_string(),
            .kid = row.kid.value_or(""),
            .submitted = row.submitted,
            .consented = row.consented,
            .needs_staff = row.needs_staff,
            .staff_approved = row.approved_by && (!row.four_eyes || row.seconded_by),
            .silent = row.silent,
            .started_at = row.started_at,
            .expires_at = row.expires_at};
}

}  // namespace astrotalk::onboarding::kyc
