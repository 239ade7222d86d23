#include "recharge/personal_data.hpp"

#include "recharge/queries.hpp"

namespace astrotalk::recharge {
namespace {

using columns = const std::string_view[];

constexpr columns recharge_columns = {"recharge.user_id", "recharge.place", "recharge.last_error",
                                      "coupon_use.user_id", "payment_refund.reason"};

constexpr pg::data_class classes[] = {
    {.name = "recharge.recharges",
     .english =
         "Your recharges: what you paid, when, by which method, with which coupon and for which state, "
         "and what of it went back, as the accounts that tax law asks for.",
     .hindi = "आपके रिचार्ज: कितना, कब, किस माध्यम, किस कूपन और किस राज्य के लिए भुगतान किया और कितना "
              "लौटा, कर क़ानून के अनुसार लेखा।",
     .kept = pg::retention::money,
     .columns = recharge_columns,
     .read = &sql::read_recharge_data},
};

// Of staff, as everything they do.
constexpr columns impersonal = {"payment_refund.asked_by", "payment_refund.decided_by"};

}  // namespace

pg::personal_data personal_data() { return {classes, impersonal}; }

}  // namespace astrotalk::recharge
