#include "identity/act_on_user.hpp"
#include "identity/factor_notice.hpp"
#include "identity/queries.hpp"
#include "identity/second_factor.hpp"

namespace astrotalk::identity {

BOOST_DESCRIBE_STRUCT(factor_setting, (), (enabled, preferred))

namespace {

struct set_row {
    bool set_up = false, must = false, changed = false;
};
BOOST_DESCRIBE_STRUCT(set_row, (), (set_up, must, changed))

}  // namespace

task<factor_setting> find_factor(service& s, user_id of) {
    const auto found = co_await s.pg.read_one<factor_setting>(sql::find_factor, of);
    co_return found.value_or(factor_setting{});
}

task<factor_outcome<void>> set_factor(service& s, http::principal caller, factor_setting to,
                                      std::string request_id) {
    const auto notice = co_await write_factor_notice(s.pg, s.keys, s.how.registered, caller.id);
    const auto row =
        co_await s.pg.write_one<set_row>(sql::set_factor, caller.id, caller.session, to.enabled, to.preferred,
                                         uuid::v7(), request_id, notice.outbox_id, notice.payload);
    if (!row) co_return factor_error::session_ended;
    if (row->changed) {
        s.wake_outbox();
        co_return factor_outcome<void>();
    }
    if (!row->set_up) co_return factor_error::not_set_up;
    co_return row->must ? factor_error::must_have : factor_error::proof_wanted;
}

task<admin_outcome<void>> enable_factor(service& s, user_name who, factor_setting to, administrator by) {
    auto change = [to](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        if (co_await t.execute(sql::enable_factor, id, to.preferred) == 0) co_return admin_error::no_factor;
        co_return admin_outcome<void>();
    };
    co_return co_await act_on_user(s, std::move(who), {"second_factor.enable", std::move(by)}, change);
}

}  // namespace astrotalk::identity
