#include "pg/codec.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

namespace astrotalk::pg {
namespace {

// pg_type.dat: these never change.
constexpr oid bool_type = 16, bytea_type = 17, name_type = 19, int8_type = 20, int2_type = 21, int4_type = 23,
              text_type = 25, json_type = 114, float4_type = 700, float8_type = 701, bpchar_type = 1042,
              varchar_type = 1043, timestamptz_type = 1184, uuid_type = 2950;

constexpr std::int64_t postgres_epoch = 946'684'800'000'000;  // 2000-01-01 in microseconds since 1970

template <class T>
T from_big_endian(const char* data) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(static_cast<T>(value << 8) | static_cast<unsigned char>(data[i]));
    return value;
}

std::array<char, 8> big_endian(std::int64_t value) {
    std::array<char, 8> out;
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (56 - 8 * i) & 0xff);
    return out;
}

void append_hex(std::string& out, const bytes& value) {
    static constexpr char digits[] = "0123456789abcdef";
    for (unsigned char c : value) {
        out += digits[c >> 4];
        out += digits[c & 15];
    }
}

// Wide enough for every integer column; false when the column is wider than that.
template <class T>
bool read_integer(cell from, T& to) {
    std::int64_t wide;
    if (from.size == 4)
        wide = static_cast<std::int32_t>(from_big_endian<std::uint32_t>(from.data));
    else if (from.size == 8)
        wide = static_cast<std::int64_t>(from_big_endian<std::uint64_t>(from.data));
    else if (from.size == 2)
        wide = static_cast<std::int16_t>(from_big_endian<std::uint16_t>(from.data));
    else
        return false;
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) return false;
    to = static_cast<T>(wide);
    return true;
}

}  // namespace

error::error(std::string sqlstate, std::string constraint, std::string statement, std::string message)
    : sqlstate_(std::move(sqlstate)), constraint_(std::move(constraint)) {
    message_ = statement + ": " + sqlstate_ + " " + message;
}

arguments::arguments(std::size_t count) {
    parameters_.reserve(count);
    text_.reserve(count * 24);
}

void arguments::put(const void* data, std::size_t size, int format, oid type) {
    parameters_.push_back({text_.size(), static_cast<int>(size), format, type});
    text_.append(static_cast<const char*>(data), size);
    text_ += '\0';
}

void arguments::add(bool value) {
    const char byte = value ? 1 : 0;
    put(&byte, 1, 1, bool_type);
}
void arguments::add(std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    put(digits, static_cast<std::size_t>(end - digits), 0, 0);
}
void arguments::add(std::string_view value) {
    // Text cannot hold a zero: PostgreSQL would read only what is before it.
    if (value.find('\0') != std::string_view::npos)
        throw error("22021", "", "encode", "text with a zero byte");
    put(value.data(), value.size(), 0, 0);
}
void arguments::add(const bytes& value) { put(value.data(), value.size(), 1, bytea_type); }
void arguments::add(const uuid& value) { put(value.bytes.data(), value.bytes.size(), 1, uuid_type); }
void arguments::add(instant value) {
    const auto wire = big_endian(value.time_since_epoch().count() - postgres_epoch);
    put(wire.data(), wire.size(), 1, timestamptz_type);
}
void arguments::add_null(oid type) { parameters_.push_back({0, -1, 0, type}); }

oid arguments::type_of(const bool*) { return bool_type; }
oid arguments::type_of(const bytes*) { return bytea_type; }
oid arguments::type_of(const uuid*) { return uuid_type; }
oid arguments::type_of(const instant*) { return timestamptz_type; }

void arguments::open_array() {
    array_from_ = text_.size();
    text_ += '{';
}
void arguments::close_array() {
    if (text_.back() == ',')
        text_.back() = '}';
    else
        text_ += '}';
    parameters_.push_back({array_from_, static_cast<int>(text_.size() - array_from_), 0, 0});
    text_ += '\0';
}
void arguments::add_element(std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    text_.append(digits, end) += ',';
}
void arguments::add_element(const std::string& value) {
    if (value.find('\0') != std::string::npos) throw error("22021", "", "encode", "text with a zero byte");
    text_ += '"';
    for (char c : value) {
        if (c == '"' || c == '\\') text_ += '\\';
        text_ += c;
    }
    text_ += "\",";
}
void arguments::add_element(const uuid& value) { text_.append(value.to_string()) += ','; }
void arguments::add_element(instant value) {
    using namespace std::chrono;
    const auto day = floor<days>(value);
    const year_month_day date(day);
    const auto micros = (value - day).count();
    fmt::format_to(std::back_inserter(text_), "\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00\",",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), micros / 3'600'000'000, micros / 60'000'000 % 60,
                   micros / 1'000'000 % 60, micros % 1'000'000);
}
void arguments::add_element(const bytes& value) {
    text_ += "\"\\\\x";
    append_hex(text_, value);
    text_ += "\",";
}

void rows::clear::operator()(pg_result* result) const { PQclear(result); }

rows::rows(pg_result* owned, const char* statement, const void** checked)
    : result_(owned),
      statement_(statement),
      checked_(checked),
      size_(static_cast<std::size_t>(PQntuples(owned))) {
    const auto status = PQresultStatus(owned);
    failed_ = status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

std::size_t rows::columns() const { return static_cast<std::size_t>(PQnfields(result_.get())); }
const char* rows::column_name(std::size_t column) const {
    const char* name = PQfname(result_.get(), static_cast<int>(column));
    return name == nullptr ? "" : name;
}
oid rows::column_type(std::size_t column) const { return PQftype(result_.get(), static_cast<int>(column)); }
cell rows::at(std::size_t row, std::size_t column) const {
    const int r = static_cast<int>(row), c = static_cast<int>(column);
    const int size = PQgetlength(result_.get(), r, c);
    if (size == 0 && PQgetisnull(result_.get(), r, c) != 0) return {nullptr, -1};
    return {PQgetvalue(result_.get(), r, c), size};
}

std::int64_t rows::affected() const {
    const std::string_view text = PQcmdTuples(result_.get());
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::string_view rows::sqlstate() const {
    const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string_view() : state;
}
std::string_view rows::violated() const {
    if (!failed_ || !sqlstate().starts_with("23")) return {};
    const char* name = PQresultErrorField(result_.get(), PG_DIAG_CONSTRAINT_NAME);
    return name == nullptr ? std::string_view() : name;
}

std::string_view rows::command() const { return PQcmdStatus(result_.get()); }

void rows::fail() const {
    const char* primary = PQresultErrorField(result_.get(), PG_DIAG_MESSAGE_PRIMARY);
    const char* constraint = PQresultErrorField(result_.get(), PG_DIAG_CONSTRAINT_NAME);
    // The messages of data exceptions quote the value.
    const bool quotes = sqlstate().starts_with("22");
    throw error(std::string(sqlstate()), constraint == nullptr ? "" : constraint, statement_,
                quotes || primary == nullptr ? "" : primary);
}

namespace detail {

void mismatch(const rows& from, std::size_t column, std::string_view expected) {
    throw error("42804", "", from.statement(),
                fmt::format("column {} \"{}\" of type {} does not fit {}", column + 1,
                            from.column_name(column), from.column_type(column), expected));
}
void check_arity(const rows& from, std::size_t members) {
    if (from.columns() != members)
        throw error("42804", "", from.statement(),
                    fmt::format("{} columns for a row of {} members", from.columns(), members));
}
void check_name(const rows& from, std::size_t column, std::string_view member) {
    if (from.column_name(column) != member) mismatch(from, column, fmt::format("member {}", member));
}

bool accepts(oid type, const bool*) { return type == bool_type; }
bool accepts(oid type, const std::int16_t*) { return type == int2_type; }
bool accepts(oid type, const std::int32_t*) { return type == int4_type || type == int2_type; }
bool accepts(oid type, const std::int64_t*) {
    return type == int8_type || type == int4_type || type == int2_type;
}
bool accepts(oid type, const double*) { return type == float8_type || type == float4_type; }
bool accepts(oid type, const std::string*) {
    return type == text_type || type == varchar_type || type == bpchar_type || type == name_type ||
           type == json_type;
}
bool accepts(oid type, const bytes*) { return type == bytea_type; }
bool accepts(oid type, const uuid*) { return type == uuid_type; }
bool accepts(oid type, const instant*) { return type == timestamptz_type; }

oid element_type(oid type) {
    switch (type) {
        case 1000: return bool_type;
        case 1001: return bytea_type;
        case 1005: return int2_type;
        case 1007: return int4_type;
        case 1016: return int8_type;
        case 1009: return text_type;
        case 1015: return varchar_type;
        case 1022: return float8_type;
        case 1185: return timestamptz_type;
        case 2951: return uuid_type;
        default: return 0;
    }
}

bool read(cell from, bool& to) {
    if (from.size != 1) return false;
    to = from.data[0] != 0;
    return true;
}
bool read(cell from, std::int16_t& to) { return read_integer(from, to); }
bool read(cell from, std::int32_t& to) { return read_integer(from, to); }
bool read(cell from, std::int64_t& to) { return read_integer(from, to); }
bool read(cell from, double& to) {
    if (from.size == 8)
        to = std::bit_cast<double>(from_big_endian<std::uint64_t>(from.data));
    else if (from.size == 4)
        to = static_cast<double>(std::bit_cast<float>(from_big_endian<std::uint32_t>(from.data)));
    else
        return false;
    return true;
}
bool read(cell from, std::string& to) {
    to.assign(from.data, static_cast<std::size_t>(from.size));
    return true;
}
bool read(cell from, bytes& to) {
    to.assign(from.data, from.data + from.size);
    return true;
}
bool read(cell from, uuid& to) {
    if (from.size != 16) return false;
    std::memcpy(to.bytes.data(), from.data, 16);
    return true;
}
bool read(cell from, instant& to) {
    if (from.size != 8) return false;
    const auto wire = static_cast<std::int64_t>(from_big_endian<std::uint64_t>(from.data));
    // The infinities are saturated: no instant is later, or earlier.
    if (wire > std::numeric_limits<std::int64_t>::max() - postgres_epoch)
        to = instant::max();
    else if (wire == std::numeric_limits<std::int64_t>::min())
        to = instant::min();
    else
        to = instant(std::chrono::microseconds(wire + postgres_epoch));
    return true;
}

// int32 dimensions, flags, element type; per dimension int32 size, lower bound; per element int32 length and
// its bytes.
array_reader::array_reader(cell from) : at_(from.data), end_(from.data + from.size) {
    if (from.size < 12) return;
    const auto dimensions = from_big_endian<std::uint32_t>(at_);
    valid_ = dimensions == 0 || (dimensions == 1 && from.size >= 20);
    if (!valid_ || dimensions == 0) return;
    left_ = from_big_endian<std::uint32_t>(at_ + 12);
    at_ += 20;
}

cell array_reader::next() {
    --left_;
    if (end_ - at_ < 4) return {nullptr, -1};
    const auto size = static_cast<int>(from_big_endian<std::uint32_t>(at_));
    at_ += 4;
    if (size < 0 || end_ - at_ < size) return {nullptr, -1};
    const char* data = at_;
    at_ += size;
    return {data, size};
}

}  // namespace detail
}  // namespace astrotalk::pg
