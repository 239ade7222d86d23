#include "intake/queries.hpp"
#include "intake/steps.hpp"

namespace astrotalk::intake {
namespace {

struct side_row {
    astrotalk::user_id user_id, astrologer_id;
    std::string state;
    instant ends_at;
    std::optional<bytes> birth_sealed, question_sealed;
    std::optional<instant> updated_at;
};
BOOST_DESCRIBE_STRUCT(side_row, (),
                      (user_id, astrologer_id, state, ends_at, birth_sealed, question_sealed, updated_at))

}  // namespace

task<outcome<given>> read_intake(service& s, user_id who, booking_id of) {
    auto found = co_await s.pg.read_one<side_row>(sql::read_intake, of, who);
    if (!found) co_return error::booking_not_found;
    const bool shown =
        who == found->user_id || astrologer_may_see(found->state, found->ends_at, clock::now());
    if (!found->updated_at || !shown) co_return error::intake_not_found;
    co_return opened(s.keys, {of.value, std::move(found->birth_sealed), std::move(found->question_sealed),
                              *found->updated_at});
}

task<outcome<given>> read_intake_for_staff(service& s, staff_reader who, booking_id of) {
    const auto found = co_await s.pg.write_one<intake_row>(sql::read_intake_for_staff, of, uuid::v7(), who.id,
                                                           who.role, who.reason, who.request_id);
    if (!found) co_return error::intake_not_found;
    co_return opened(s.keys, *found);
}

}  // namespace astrotalk::intake
