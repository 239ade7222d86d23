#include "administration/administration.hpp"
#include "administration/queries.hpp"

namespace astrotalk::administration {
namespace {

struct letter_id {
    uuid id;
};
BOOST_DESCRIBE_STRUCT(letter_id, (), (id))

}  // namespace

task<std::vector<dead_letter>> list_dead_letters(service& s, uuid before, std::int32_t most) {
    co_return co_await s.pg.read<dead_letter>(sql::list_dead_letters, before, most + 1);
}

task<bool> replay_dead_letter(service& s, staff who, uuid letter) {
    const auto done = co_await s.pg.write_one<letter_id>(sql::replay_dead_letter, letter, uuid::v7(), who.id,
                                                         who.request_id);
    co_return done.has_value();
}

task<bool> discard_dead_letter(service& s, staff who, uuid letter) {
    const auto done = co_await s.pg.write_one<letter_id>(sql::discard_dead_letter, letter, uuid::v7(), who.id,
                                                         who.reason, who.request_id);
    co_return done.has_value();
}

}  // namespace astrotalk::administration
