#include "digio/letters.hpp"

#include <array>
#include <boost/json.hpp>

#include "digio/wire.hpp"

namespace sandbox::digio {
namespace {

using namespace std::chrono_literals;

webhook_manner::headers headers_of(const astrotalk::secret& key, std::string_view body, std::string_view) {
    return {{"X-Digio-Checksum", checksum(key, body)}};
}

}  // namespace

std::string envelope(std::string_view id, std::string_view event, std::string_view payload,
                     astrotalk::instant created) {
    namespace json = boost::json;
    auto inside = json::parse({payload.data(), payload.size()}).as_object();
    json::array entities;
    for (const auto& [name, value] : inside) entities.push_back(json::value(name));
    json::object whole;
    whole["id"] = std::string(id);
    whole["event"] = std::string(event);
    whole["entities"] = std::move(entities);
    whole["payload"] = std::move(inside);
    whole["created_at"] = time_in_india(created);
    return json::serialize(whole);
}

std::optional<std::chrono::seconds> pause_before(int attempt) {
    constexpr std::array<std::chrono::seconds, 9> pauses{0s, 1s, 5s, 30s, 2min, 10min, 30min, 1h, 2h};
    if (attempt < 1 || attempt > static_cast<int>(pauses.size())) return std::nullopt;
    return pauses[static_cast<std::size_t>(attempt - 1)];
}

webhook_manner manner_of(id_maker& ids) {
    return {.make_id = [&ids](astrotalk::instant at) { return ids.make("WHN", at); },
            .envelope = envelope,
            .headers_of = headers_of,
            .pause_before = pause_before,
            .in_capitals = in_capitals};
}

}  // namespace sandbox::digio
