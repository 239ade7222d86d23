#include "recharge/queries.hpp"
#include "recharge/steps.hpp"

namespace astrotalk::recharge {

task<std::vector<kept_coupon>> list_coupons(service& s, std::string after, std::int32_t most) {
    return s.pg.read<kept_coupon>(sql::list_coupons, after, most);
}

task<bool> save_coupon(service& s, staff who, coupon what) {
    const auto saved = co_await s.pg.try_write<uuid>(
        sql::save_coupon, what.code, what.bonus_basis_points, what.bonus, what.most_bonus, what.least_amount,
        what.valid_from, what.valid_until, what.most_uses, what.most_uses_each, what.first_only, what.active,
        uuid::v7(), who.id, who.role, who.reason, who.request_id);
    if (!saved && saved.error().constraint != "coupon_used_up")
        throw std::logic_error("a coupon broke " + saved.error().constraint);
    co_return saved.has_value();
}

task<pack> offer_pack(service& s, staff who, money amount, money bonus) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const uuid id = uuid::v7();
        const auto made = co_await s.pg.try_write<uuid>(sql::offer_pack, id, amount, bonus, uuid::v7(),
                                                        who.id, who.role, who.reason, who.request_id);
        if (!made) continue;  // another pack of that amount came meanwhile
        const money gst = part_of(amount, s.by.gst_basis_points);
        co_return pack{id, amount, bonus, gst, amount + gst};
    }
    throw pg::unavailable();
}

task<bool> withdraw_pack(service& s, staff who, uuid id) {
    const auto gone = co_await s.pg.write<uuid>(sql::withdraw_pack, id, uuid::v7(), who.id, who.role,
                                                who.reason, who.request_id);
    co_return !gone.empty();
}

}  // namespace astrotalk::recharge
