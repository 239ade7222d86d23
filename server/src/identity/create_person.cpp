#include <stdexcept>

#include "core/verify.hpp"
#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

struct known_phone {
    user_id id;
    bool confirmed = false;
};
BOOST_DESCRIBE_STRUCT(known_phone, (), (id, confirmed))

}  // namespace

task<user_id> create_person(pg::client& pg, const crypto::keyring& keys, new_person who) {
    const bytes phone_hash = hash_of(keys, who.phone);
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto known = co_await pg.read_one<known_phone>(sql::find_by_phone, phone_hash);
        const user_id id = known ? known->id : user_id::make();
        const auto stored = co_await pg.write_one<user_id>(
            sql::create_person, id, phone_hash, seal_phone(keys, id, who.phone),
            seal_name(keys, id, who.name), name_of(who.kind), who.groups, who.welcome_bonus, uuid::v7(),
            uuid::v7());
        if (stored) co_return *stored;
    }
    throw std::runtime_error("a sign-up won every race for this phone");
}

task<user_id> create_admin(pg::client& pg, const crypto::keyring& keys, const phone_plan& served,
                           std::string phone, std::string name, std::string role) {
    const auto number = phone_number::parse_or_throw(phone, served);
    if (!acceptable_name(name)) throw std::runtime_error("the name must have 1 to 100 printable characters");
    verify(role == "admin" || role == "support");
    new_person staff{
        .phone = number, .name = personal(std::move(name)), .groups = {role}, .welcome_bonus = {}};
    co_return co_await create_person(pg, keys, std::move(staff));
}

}  // namespace astrotalk::identity
