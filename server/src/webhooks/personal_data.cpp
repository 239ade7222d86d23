#include "webhooks/personal_data.hpp"

namespace astrotalk::webhooks {
namespace {

using columns = const std::string_view[];

constexpr columns event_columns = {"webhook_event.body_sealed", "webhook_event.body_hash"};

// What is in a body is its sender's business; whose it is shows only when it is opened. So one person's
// cannot be found, and all of them go by their age.
constexpr pg::data_class classes[] = {
    {.name = "webhooks.events",
     .english =
         "What the company that checks identities reports of a check while it goes on: sealed, for 30 days "
         "after it came; for 90 days that it came.",
     .hindi = "पहचान जाँचने वाली कंपनी जाँच के दौरान जो सूचना भेजती है: सीलबंद, आने के 30 दिन बाद तक; "
              "यह कि वह आई, 90 दिन तक।",
     .kept = pg::retention::promised,
     .columns = event_columns},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::webhooks
