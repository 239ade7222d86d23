// credentials.json in the data folder: what a developer or an operator signs in with. A JSON object with a
// member a writer, readable by its owner alone: `admin` is the server's, `demo` is the demo data's.
//
// The only writer of that file. A write replaces one member and keeps the others, also when two processes
// write at once, and a reader sees the old file or the new one. Throws std::runtime_error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/identity.hpp"
#include "settings.hpp"

namespace astrotalk {

// `json` is the member's value.
void write_credentials(const settings& s, std::string_view member, std::string_view json);

// What the demo administrator's authenticator was given. Nothing when there is no demo data.
std::optional<secret> read_demo_totp_secret(const settings& s);

// {"accessKeyId", "secretAccessKey", "region", "userPoolId"}
std::string credential_json(const identity::admin_credential& of);

}  // namespace astrotalk
