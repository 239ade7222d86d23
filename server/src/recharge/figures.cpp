#include "recharge/figures.hpp"

#include "recharge/queries.hpp"

namespace astrotalk::recharge::figures {
namespace {

using http::exchange;
using http::response;

struct usual_row {
    std::optional<std::int64_t> seconds;
};
BOOST_DESCRIBE_STRUCT(usual_row, (), (seconds))

task<response> get_figures(service& s, exchange& x) {
    const auto of = http::days_of(x.in);
    if (!of) co_return http::problem(of.error());
    co_return http::ok(co_await read(s.pg, *of));
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/admin/payments/figures", http::access::support, get_figures},
};

}  // namespace

task<report> read(pg::client& pg, http::days of) {
    const auto first = http::first_id_at(of.from), last = http::first_id_at(of.to);
    report made;
    made.from = http::day_text(of.from);
    made.to = http::day_text(of.to);
    made.recharges = co_await pg.read<total>(sql::sum_recharges, first, last);
    made.failures = co_await pg.read<total>(sql::sum_recharge_failures, first, last);
    made.payments = co_await pg.read<total>(sql::sum_payments, of.from, of.to);
    made.refunds = co_await pg.read<total>(sql::sum_refunds, first, last);
    made.accounts = co_await pg.read<total>(sql::sum_platform_accounts, first, last);
    made.usual_seconds = (co_await pg.read_one<usual_row>(sql::usual_recharge_time, first, last))->seconds;
    std::int64_t all = 0, paid = 0;
    for (const auto& each : made.recharges) {
        all += each.count;
        if (each.name == "paid") paid = each.count;
    }
    if (all > 0) made.paid_rate = static_cast<double>(paid) / static_cast<double>(all);
    co_return made;
}

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::recharge::figures
