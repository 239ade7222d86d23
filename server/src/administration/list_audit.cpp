#include "administration/administration.hpp"
#include "administration/queries.hpp"

namespace astrotalk::administration {

task<std::vector<audit_entry>> list_audit(service& s, uuid before, std::int32_t most) {
    co_return co_await s.pg.read<audit_entry>(sql::list_audit, before, most + 1);
}

}  // namespace astrotalk::administration
