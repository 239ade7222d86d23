// How the rows of the audit tables arrive from PostgreSQL.
#pragma once

#include <boost/describe.hpp>

#include "privacy/audit.hpp"

namespace astrotalk::privacy {

BOOST_DESCRIBE_STRUCT(audit_row, (),
                      (seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                       request_id))

struct sealed_row : audit_row {
    bytes hash;
};
BOOST_DESCRIBE_STRUCT(sealed_row, (audit_row), (hash))

struct head_row {
    std::int64_t seq;
    bytes hash;
};
BOOST_DESCRIBE_STRUCT(head_row, (), (seq, hash))

struct tail_row {
    std::int64_t rows;
    std::optional<instant> oldest;
};
BOOST_DESCRIBE_STRUCT(tail_row, (), (rows, oldest))

}  // namespace astrotalk::privacy
