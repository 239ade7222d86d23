#include "social/queries.hpp"
#include "social/social.hpp"

namespace astrotalk::social {
namespace {

constexpr const char* text_purpose = "report.text";
std::string place_of(uuid report) { return "report.text:" + report.to_string(); }

struct done {
    bool found = false, stored = false;
};
BOOST_DESCRIBE_STRUCT(done, (), (found, stored))

std::optional<error> error_of(const done& what, error otherwise) {
    if (!what.found) return error::not_found;
    return what.stored ? std::nullopt : std::optional(otherwise);
}

struct report_row {
    uuid id;
    user_id reporter_id, subject_id;
    std::string reason;
    bytes text_sealed;
    std::string state;
    std::optional<std::string> decision_reason;
    std::optional<instant> decided_at;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(report_row, (),
                      (id, reporter_id, subject_id, reason, text_sealed, state, decision_reason, decided_at,
                       created_at))

}  // namespace

task<std::optional<error>> follow(service& s, user_id who, user_id whom, bool notify) {
    if (who == whom) co_return error::not_found;
    const auto what = co_await s.pg.write_one<done>(sql::add_follow, who, whom, notify);
    co_return error_of(*what, error::too_many);
}

task<void> unfollow(service& s, user_id who, user_id whom) {
    co_await s.pg.execute(sql::remove_follow, who, whom);
}

task<std::vector<followed>> list_follows(service& s, user_id who, user_id before, std::int32_t most) {
    co_return co_await s.pg.read<followed>(sql::list_follows, who, before, most);
}

task<std::optional<error>> block(service& s, caller who, user_id whom) {
    const auto what =
        co_await s.pg.write_one<done>(sql::add_block, who.id, whom, uuid::v7(), who.role, who.request_id);
    co_return error_of(*what, error::too_many);
}

task<void> unblock(service& s, user_id who, user_id whom) {
    co_await s.pg.execute(sql::remove_block, who, whom);
}

task<std::vector<blocked>> list_blocks(service& s, user_id who, user_id before, std::int32_t most) {
    co_return co_await s.pg.read<blocked>(sql::list_blocks, who, before, most);
}

task<result<uuid, error>> make_report(service& s, caller who, user_id whom, reason why, std::string text) {
    const auto id = uuid::v7();
    const auto sealed = s.keys.seal(text_purpose, text, place_of(id));
    const auto what = co_await s.pg.write_one<done>(sql::make_report, id, who.id, whom,
                                                    boost::describe::enum_to_string(why, ""), sealed,
                                                    uuid::v7(), who.role, who.request_id);
    if (const auto refused = error_of(*what, error::already_reported)) co_return *refused;
    co_return id;
}

task<std::vector<report>> list_reports(service& s, caller staff, std::string why, std::string state,
                                       uuid before, std::int32_t most) {
    auto rows = co_await s.pg.write<report_row>(sql::list_reports, state, before, most, uuid::v7(), staff.id,
                                                staff.role, why, staff.request_id);
    std::vector<report> all;
    for (auto& each : rows) {
        // Of whom is erased, the words are gone.
        auto text = each.text_sealed.empty() ? std::optional(std::string())
                                             : s.keys.open(text_purpose, each.text_sealed, place_of(each.id));
        if (!text) throw pg::unavailable();
        all.push_back({each.id, each.reporter_id, each.subject_id, std::move(each.reason), std::move(*text),
                       std::move(each.state), std::move(each.decision_reason), each.decided_at,
                       each.created_at});
    }
    co_return all;
}

task<std::optional<error>> resolve_report(service& s, caller staff, uuid id, verdict what, std::string why) {
    const auto decided =
        co_await s.pg.write_one<done>(sql::resolve_report, id, boost::describe::enum_to_string(what, ""), why,
                                      staff.id, uuid::v7(), staff.role, staff.request_id);
    co_return error_of(*decided, error::already_decided);
}

}  // namespace astrotalk::social
