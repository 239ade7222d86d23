// How C++ values travel to and from PostgreSQL. Results are always binary; parameters are binary where the width is
// certain (uuid, timestamptz, bool, bytea) and text where PostgreSQL should choose it (integers, text, arrays).
//
// Types: bool; int16_t, int32_t, int64_t; double (results only); std::string, std::string_view, const char*; bytes (bytea);
// uuid and id<Tag>; money (bigint); instant (timestamptz); std::optional<T> (null); std::vector of int32, int64, string, uuid,
// id, instant, bytes. `jsonb` columns are selected as text by their statement.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/secret.hpp"

struct pg_result;

namespace astrotalk::pg {
// The pg library completes this header: `arguments`, `encode(statement, values…)`, `rows`, `decode_row<Row>(rows, i)`.
}
