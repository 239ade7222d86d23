#include "http/json.hpp"
#include "http/page.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::wallet {
namespace {

using http::exchange;
using http::response;

task<response> get_wallet(service& s, exchange& x) {
    co_return http::ok(co_await read_balance(s.pg, x.caller()));
}

task<response> get_journals(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return http::problem(before.error());
    auto rows = co_await list_journals(s.pg, x.caller(), journal_id{*before}, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/wallet", http::access::signed_in, get_wallet},
    {http::verb::get, "/v1/wallet/journals", http::access::signed_in, get_journals},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::wallet
