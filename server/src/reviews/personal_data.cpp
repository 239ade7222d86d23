#include "reviews/personal_data.hpp"

#include "reviews/queries.hpp"

namespace astrotalk::reviews {
namespace {

using columns = const std::string_view[];

constexpr columns review_columns = {"review.user_id", "review.text", "review.reply",
                                    "review.decision_reason"};

constexpr pg::data_class classes[] = {
    {.name = "reviews.reviews",
     .english =
         "Your reviews of consultations, and an astrologer's replies: public, without your name. Your words "
         "go with your account; the stars stay, and say nothing of you.",
     .hindi = "परामर्श के बारे में आपकी समीक्षाएँ और ज्योतिषी के उत्तर: सार्वजनिक, आपके नाम के बिना। "
              "आपके शब्द खाते के साथ मिट जाते हैं; सितारे रहते हैं।",
     .kept = pg::retention::account,
     .columns = review_columns,
     .read = &sql::read_review_data,
     .erase = &sql::forget_review_texts},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::reviews
