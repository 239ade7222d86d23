// The operator's commands. Each prints what it did or found, and gives the process's exit code: 0 done or
// sound, 1 not.
#pragma once

#include <string>

#include "settings.hpp"

namespace astrotalk {

int migrate(const settings& s);
int create_admin(const settings& s, std::string phone, std::string name, std::string role);
// Forgets a lost authenticator and ends every sign-in of its owner.
int reset_factor(const settings& s, std::string phone);
// The code that the demo administrator's authenticator would show now. Refused in production.
int show_demo_code(const settings& s);
// The keys of the admin operations. A new one is printed once, and works within a second on every node; a
// removed one has ended within three.
int list_credentials(const settings& s);
int add_credential(const settings& s, std::string label);
int remove_credential(const settings& s, std::string access_key_id);
int verify_audit(const settings& s, std::string known_head);
int verify_ledger(const settings& s);
// `resume`: no new key, only what an interrupted change left.
int rotate_data(const settings& s, bool resume);
// Writes, reads, lists and removes an object in each bucket, in the store that the settings name.
int check_storage(const settings& s);
int load_demo(const settings& s);

}  // namespace astrotalk
