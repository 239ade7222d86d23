#include "core/log.hpp"
#include "core/masked_phone.hpp"
#include "identity/queries.hpp"
#include "identity/recovery.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

struct seen_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state;
    bytes lost_sealed;
    std::optional<bytes> new_sealed;
    instant opened_at, ready_at, expires_at;
    money cash, bonus, held;
    instant joined_at;
    bool has_second_factor = false;
    std::optional<instant> last_sign_in;
    std::int32_t others = 0;
};
BOOST_DESCRIBE_STRUCT(seen_row, (),
                      (id, user_id, state, lost_sealed, new_sealed, opened_at, ready_at, expires_at, cash,
                       bonus, held, joined_at, has_second_factor, last_sign_in, others))

std::string masked(std::optional<std::string> number) {
    return masked_phone(number ? personal(std::move(*number)) : personal());
}

recovery_item to_item(const crypto::keyring& keys, const seen_row& row) {
    const auto lost =
        keys.open("pool_user.phone", row.lost_sealed, "pool_user.phone:" + row.user_id.to_string());
    std::optional<std::string> next;
    if (row.new_sealed)
        next = keys.open(recovery_purpose, *row.new_sealed, place_of_recovery(row.id.to_string()));
    if (!lost || !next) log::error("recovery.phone_does_not_open", {{"recovery", row.id}});
    return {.id = row.id,
            .user_id = row.user_id,
            .state = row.state,
            .lost_phone = masked(lost),
            .new_phone = masked(next),
            .opened_at = row.opened_at,
            .earliest = row.ready_at,
            .closes_at = row.expires_at,
            .cash = row.cash,
            .bonus = row.bonus,
            .held = row.held,
            .joined_at = row.joined_at,
            .has_second_factor = row.has_second_factor,
            .last_sign_in = row.last_sign_in,
            .others = row.others};
}

}  // namespace

task<std::vector<recovery_item>> read_recoveries(service& s, recovery_reader who, uuid before,
                                                 std::int32_t most) {
    const auto rows = co_await s.pg.write<seen_row>(sql::read_recoveries, before, most, uuid::v7(), who.id,
                                                    who.role, who.reason, who.request_id);
    std::vector<recovery_item> shown;
    for (const auto& row : rows) shown.push_back(to_item(s.keys, row));
    co_return shown;
}

task<result<decided_recovery, decision_error>> decide_recovery(pg::client& pg, recovery_decision made) {
    const std::string_view state = made.what == recovery_verdict::approve ? "approved" : "rejected";
    const auto decided = co_await pg.try_write<decided_recovery>(
        sql::decide_recovery, made.which, state, made.by, made.reason, uuid::v7(), made.request_id);
    if (!decided) {
        if (decided.error().constraint != "phone_recovery_approved")
            throw std::logic_error("a recovery was decided against its own rules");
        co_return decision_error::other_approved;
    }
    if (!decided->empty()) co_return decided->front();
    const auto there = co_await pg.read_one<bool>(sql::find_decidable, made.which);
    co_return there.value_or(false) ? decision_error::not_open : decision_error::not_found;
}

}  // namespace astrotalk::identity
