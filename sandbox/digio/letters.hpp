// How Digio writes and repeats its webhooks.
#pragma once

#include "digio/ids.hpp"
#include "webhooks.hpp"

namespace sandbox::digio {

// The envelope. `payload` is a JSON object; `entities` are its members' names.
std::string envelope(std::string_view id, std::string_view event, std::string_view payload,
                     astrotalk::instant created);
std::optional<std::chrono::seconds> pause_before(int attempt);
// `ids` outlives it.
webhook_manner manner_of(id_maker& ids);

}  // namespace sandbox::digio
