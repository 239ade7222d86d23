#include "notification/personal_data.hpp"

#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

using columns = const std::string_view[];

constexpr columns news_columns = {"notification.params"};
constexpr columns device_columns = {"device.token_hash", "device.token_sealed"};

constexpr pg::data_class classes[] = {
    {.name = "notification.news",
     .english = "What the app told you, for 90 days.",
     .hindi = "ऐप ने आपको जो बताया, 90 दिन तक।",
     .kept = pg::retention::transient,
     .columns = news_columns,
     .read = &sql::read_news_data,
     .erase = &sql::forget_news},
    {.name = "notification.devices",
     .english = "The devices to which messages are pushed, for a year after each was last seen.",
     .hindi = "वे उपकरण जिन पर संदेश भेजे जाते हैं, हर एक के अंतिम उपयोग के एक वर्ष बाद तक।",
     .kept = pg::retention::transient,
     .columns = device_columns,
     .read = &sql::read_device_data,
     .erase = &sql::forget_devices},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::notification
