// Recharging a wallet: packs and coupons, orders at the payment provider, and refunds to where money came
// from. What a recharge does to the ledger is written by its own statements (docs/ledger.md).
//
// An order's truth is always asked of the provider: checkout's answer and webhooks say only when to ask. A
// payment is credited once, whoever hears of it first and how often. Thread safety: none; a service and its
// calls belong to one loop. Errors: refusals are values, an outage throws pg::unavailable; a provider that
// does not answer leaves a recharge that finds its order later.
#pragma once

#include <boost/describe.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "jobs/jobs.hpp"
#include "pg/pg.hpp"
#include "recharge/domain.hpp"
#include "recharge/figures.hpp"
#include "recharge/razorpay.hpp"

namespace astrotalk::recharge {

// What the operator decides.
struct terms {
    std::int32_t gst_basis_points = 1800;
    money least{5'000}, most{5'000'000};  // of an amount that no pack has
    money four_eyes_above{500'000};       // refunds that a second administrator has to approve
    std::string return_url;               // of the app, where checkout leads back to; empty: as it answers
    std::string public_url;               // of this server, with the scheme: where checkout posts its answer
};

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
    provider& gateway;
    terms by;
};

// Why a request is refused, in order of precedence.
enum class error : std::uint8_t {
    idempotency_key_reused,
    pack_not_found,
    coupon_not_found,  // or not valid (any more), or not for that amount
    coupon_used_up,
    coupon_used_before,
    too_many_open,
    recharge_not_found,
    not_signed,   // checkout's answer is not the provider's
    unavailable,  // the provider does not answer: nothing was paid
    refund_not_found,
    not_refundable,     // not paid, or that much is not left of it
    insufficient_cash,  // the wallet holds less than that by now
    own_request,        // nobody decides on a refund of their own
    already_decided,
};

struct pack {
    uuid id;
    money amount, bonus, gst, payable;
    BOOST_DESCRIBE_CLASS(pack, (), (id, amount, bonus, gst, payable), (), ())
};

// What is put into the wallet and what is paid for it.
struct quote {
    money amount, bonus, coupon_bonus, gst, payable;
    BOOST_DESCRIBE_CLASS(quote, (), (amount, bonus, coupon_bonus, gst, payable), (), ())
};

// One of the two, and a coupon.
struct choice {
    std::optional<uuid> pack_id;
    std::optional<money> amount;
    std::optional<std::string> coupon;
};

// How a person pays: a browser posts these fields there (Razorpay's hosted checkout).
struct checkout_form {
    std::string url, key_id, order_id, callback_url;
    money amount;
    std::string currency = "INR";
    BOOST_DESCRIBE_CLASS(checkout_form, (), (url, key_id, order_id, callback_url, amount, currency), (), ())
};

struct recharge_view {
    uuid id;
    std::string state;  // creating, open, paid, expired, abandoned
    money amount, bonus, coupon_bonus, gst, payable, refunded;
    std::optional<std::string> coupon, last_error;
    std::optional<uuid> hold_id;
    std::optional<instant> paid_at;
    instant created_at;
    std::optional<checkout_form> checkout;  // while it is open
    BOOST_DESCRIBE_CLASS(recharge_view, (),
                         (id, state, amount, bonus, coupon_bonus, gst, payable, refunded, coupon, last_error,
                          hold_id, paid_at, created_at, checkout),
                         (), ())
};

template <class T>
using outcome = result<T, error>;

struct caller {
    user_id id;
    std::string request_id;
};

task<std::vector<pack>> list_packs(service& s);
task<outcome<quote>> price(service& s, user_id who, choice of);
// Answers again what the same key started. `hold` is booked when the money has come.
task<outcome<recharge_view>> start(service& s, caller who, http::idempotency_key key, choice of,
                                   std::optional<std::string> place, std::optional<uuid> hold);
task<outcome<recharge_view>> read(service& s, user_id who, uuid id);
task<std::vector<recharge_view>> list(service& s, user_id who, uuid before, std::int32_t most);
// Checkout's answer, from the app or by way of the browser. The provider is asked whether it is so.
task<outcome<recharge_view>> confirm(service& s, user_id who, uuid id, std::string payment_id,
                                     std::string signature);
task<outcome<uuid>> confirm_by_order(service& s, std::string order_id, std::string payment_id,
                                     std::string signature);

// --- For staff.

struct staff {
    user_id id;
    std::string role, reason, request_id;
};

struct refund {
    uuid id;
    uuid recharge_id;
    std::string payment_id;
    money amount, net, gst, bonus;
    std::string state, reason;
    std::optional<user_id> asked_by, decided_by;
    instant created_at;
    std::optional<instant> settled_at;
    BOOST_DESCRIBE_CLASS(refund, (),
                         (id, recharge_id, payment_id, amount, net, gst, bonus, state, reason, asked_by,
                          decided_by, created_at, settled_at),
                         (), ())
};

// Gives `net` of the wallet's cash back to where it came from, with its GST. Above terms::four_eyes_above
// another administrator has to approve it first; the money is set aside until then.
task<outcome<refund>> ask_refund(service& s, staff who, http::idempotency_key key, uuid recharge, money net);
task<outcome<refund>> decide_refund(service& s, staff who, uuid id, bool approve);
task<std::vector<refund>> list_refunds(service& s, std::optional<std::string> state, uuid before,
                                       std::int32_t most);

// What staff offer. Kept as they were for recharges that exist.
struct coupon {
    std::string code;
    std::int32_t bonus_basis_points = 0;
    money bonus;
    std::optional<money> most_bonus;
    money least_amount;
    instant valid_from, valid_until;
    std::optional<std::int32_t> most_uses;
    std::int32_t most_uses_each = 1;
    bool first_only = false, active = true;
    BOOST_DESCRIBE_CLASS(coupon, (),
                         (code, bonus_basis_points, bonus, most_bonus, least_amount, valid_from, valid_until,
                          most_uses, most_uses_each, first_only, active),
                         (), ())
};
struct kept_coupon : coupon {
    std::int32_t uses = 0;
    BOOST_DESCRIBE_CLASS(kept_coupon, (coupon), (uses), (), ())
};
task<std::vector<kept_coupon>> list_coupons(service& s, std::string after, std::int32_t most);
// New, or in place of the one with that code. False: it has been used more often than it would allow.
task<bool> save_coupon(service& s, staff who, coupon what);
// In place of the pack of that amount, if there is one.
task<pack> offer_pack(service& s, staff who, money amount, money bonus);
// False: there is no such pack on offer.
task<bool> withdraw_pack(service& s, staff who, uuid id);

// --- For the background.

// Asks the provider about it and takes the step that follows.
task<void> settle(service& s, uuid recharge);
task<void> settle_refund(service& s, uuid refund);
// Those that are due, at most `batch` of each. On every node; says how many.
task<int> poll(service& s, int batch = 20);
task<void> measure(pg::client& pg);

// Books that hold of that person; what becomes of it is the booking's own affair.
using book_hold = std::function<task<void>(user_id who, uuid hold, uuid recharge)>;
using body_reader = std::function<task<std::optional<std::string>>(uuid event)>;
// Handles webhook.razorpay and recharge.book.
void handle_jobs(jobs::outbox_worker& worker, service& s, body_reader body_of, book_hold book);

std::span<const http::route<service>> routes();
std::span<const http::route<service>> staff_routes();

}  // namespace astrotalk::recharge
