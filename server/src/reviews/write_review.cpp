#include "reviews/queries.hpp"
#include "reviews/reviews.hpp"

namespace astrotalk::reviews {
namespace {

struct written {
    bool found = false, counts = false;
    std::optional<uuid> id;
    std::optional<astrotalk::booking_id> booking_id;
    std::optional<user_id> astrologer_id;
    std::optional<std::int32_t> stars;
    std::optional<std::string> text, reply;
    std::optional<instant> replied_at;
    std::optional<std::string> state;
    std::optional<instant> created_at, edited_at;
};
BOOST_DESCRIBE_STRUCT(written, (),
                      (found, counts, id, booking_id, astrologer_id, stars, text, reply, replied_at, state,
                       created_at, edited_at))

const char* name_of(standing in) { return boost::describe::enum_to_string(in, ""); }

}  // namespace

task<result<review, error>> write_review(service& s, user_id who, booking_id of, std::int32_t stars,
                                         std::string text) {
    auto made = *co_await s.pg.write_one<written>(sql::write_review, uuid::v7(), of, who, stars, text);
    if (!made.found) co_return error::not_found;
    if (!made.counts) co_return error::not_completed;
    if (!made.id) co_return error::too_late;
    co_return review{*made.id,        *made.booking_id,       *made.astrologer_id,
                     *made.stars,     std::move(*made.text),  std::move(made.reply),
                     made.replied_at, std::move(*made.state), *made.created_at,
                     made.edited_at};
}

task<std::vector<public_review>> list_reviews(service& s, user_id astrologer, uuid before,
                                              std::int32_t most) {
    co_return co_await s.pg.read<public_review>(sql::list_reviews, astrologer, before, most);
}

task<std::vector<review>> list_own_reviews(service& s, user_id who, uuid before, std::int32_t most) {
    co_return co_await s.pg.read<review>(sql::list_own_reviews, who, before, most);
}

task<std::vector<review>> list_received_reviews(service& s, user_id astrologer, uuid before,
                                                std::int32_t most) {
    co_return co_await s.pg.read<review>(sql::list_received_reviews, astrologer, before, most);
}

task<bool> reply_to_review(service& s, user_id astrologer, uuid id, std::optional<std::string> text) {
    const auto done = co_await s.pg.write_one<uuid>(sql::reply_to_review, id, astrologer, text);
    co_return done.has_value();
}

task<std::vector<staff_review>> list_reviews_for_staff(service& s, staff who, standing in, uuid before,
                                                       std::int32_t most) {
    co_return co_await s.pg.write<staff_review>(sql::list_reviews_for_staff, name_of(in), before, most,
                                                uuid::v7(), who.id, who.role, who.reason, who.request_id);
}

task<bool> decide_review(service& s, staff who, uuid id, standing to) {
    const auto found = co_await s.pg.write_one<bool>(sql::decide_review, id, name_of(to), who.reason, who.id,
                                                     uuid::v7(), who.request_id);
    co_return *found;
}

}  // namespace astrotalk::reviews
