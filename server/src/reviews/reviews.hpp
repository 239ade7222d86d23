// Reviews of completed paid consultations: one each, editable for 30 days, with one reply by the astrologer.
// Staff can hold or remove one. What an astrologer's stars come to is kept by the database with each of them.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: refusals are values, an outage
// throws pg::unavailable. Texts have passed fault_of.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "http/http.hpp"
#include "pg/pg.hpp"
#include "reviews/domain.hpp"

namespace astrotalk::reviews {

struct service {
    pg::client& pg;
};

// As everybody sees it: without who wrote it.
struct public_review {
    uuid id;
    std::int32_t stars = 0;
    std::string text;
    std::optional<std::string> reply;
    std::optional<instant> replied_at;
    instant created_at;
    std::optional<instant> edited_at;
};
BOOST_DESCRIBE_STRUCT(public_review, (), (id, stars, text, reply, replied_at, created_at, edited_at))

// As the two of the consultation see it.
struct review {
    uuid id;
    astrotalk::booking_id booking_id;
    user_id astrologer_id;
    std::int32_t stars = 0;
    std::string text;
    std::optional<std::string> reply;
    std::optional<instant> replied_at;
    std::string state;
    instant created_at;
    std::optional<instant> edited_at;
};
BOOST_DESCRIBE_STRUCT(review, (),
                      (id, booking_id, astrologer_id, stars, text, reply, replied_at, state, created_at,
                       edited_at))

struct staff_review {
    uuid id;
    astrotalk::user_id user_id;
    astrotalk::booking_id booking_id;
    astrotalk::user_id astrologer_id;
    std::int32_t stars = 0;
    std::string text;
    std::optional<std::string> reply;
    std::string state;
    std::optional<std::string> decision_reason;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(staff_review, (),
                      (id, user_id, booking_id, astrologer_id, stars, text, reply, state, decision_reason,
                       created_at))

struct staff {
    user_id id;
    std::string role, reason, request_id;
};

task<result<review, error>> write_review(service& s, user_id who, booking_id of, std::int32_t stars,
                                         std::string text);
task<std::vector<public_review>> list_reviews(service& s, user_id astrologer, uuid before, std::int32_t most);
task<std::vector<review>> list_own_reviews(service& s, user_id who, uuid before, std::int32_t most);
task<std::vector<review>> list_received_reviews(service& s, user_id astrologer, uuid before,
                                                std::int32_t most);
// False when there is no such review of theirs that everybody sees. No text: takes the reply back.
task<bool> reply_to_review(service& s, user_id astrologer, uuid id, std::optional<std::string> text);
// The read is audited. One more than `most` when there are more.
task<std::vector<staff_review>> list_reviews_for_staff(service& s, staff who, standing in, uuid before,
                                                       std::int32_t most);
// False when there is no such review.
task<bool> decide_review(service& s, staff who, uuid id, standing to);

std::span<const http::route<service>> routes();

}  // namespace astrotalk::reviews
