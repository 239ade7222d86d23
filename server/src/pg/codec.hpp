// How C++ values travel to and from PostgreSQL. Results are always binary; parameters are binary where the
// width is certain (uuid, timestamptz, bool, bytea) and text where PostgreSQL should choose it (integers,
// text, arrays).
//
// Types: bool; int16_t, int32_t, int64_t; double (results only); std::string, std::string_view, const char*;
// bytes (bytea); uuid and id<Tag>; money (bigint); instant (timestamptz); std::optional<T> (null);
// std::vector of int32, int64, string, uuid, id, instant, bytes. `jsonb` columns are selected as text by
// their statement.
//
// A result's integer may be narrower than the member that receives it, never wider. `sum(bigint)` is numeric:
// cast it. A row is a described struct, or one of the types above for a statement with one column. Errors:
// `error` when a row does not match its columns or a null meets a member that is not optional: a programming
// fault.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cstdint>
#include <exception>
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
#include "pg/statement.hpp"

struct pg_result;

namespace astrotalk::pg {

// A failure of a statement that is neither an outage nor a broken constraint the caller asked for.
// `what` never holds a value that a caller sent.
class error : public std::exception {
  public:
    error(std::string sqlstate, std::string constraint, std::string statement, std::string message);
    const char* what() const noexcept override { return message_.c_str(); }
    const std::string& sqlstate() const { return sqlstate_; }
    const std::string& constraint() const { return constraint_; }

  private:
    std::string sqlstate_, constraint_, message_;
};

using oid = std::uint32_t;

// The parameters of one call, encoded.
class arguments {
  public:
    struct parameter {
        std::size_t offset;  // into the text
        int length;          // negative: null
        int format;          // 0 text, 1 binary
        oid type;            // 0: PostgreSQL chooses
    };

    arguments() = default;
    explicit arguments(std::size_t count);

    void add(bool value);
    void add(std::int64_t value);
    void add(std::int32_t value) { add(std::int64_t{value}); }
    void add(std::int16_t value) { add(std::int64_t{value}); }
    void add(std::string_view value);
    void add(const char* value) { add(std::string_view(value)); }
    void add(const std::string& value) { add(std::string_view(value)); }
    void add(const bytes& value);
    void add(const uuid& value);
    void add(money value) { add(value.paise); }
    void add(instant value);
    template <class Tag>
    void add(const id<Tag>& value) {
        add(value.value);
    }
    template <class T>
    void add(const std::optional<T>& value) {
        if (value)
            add(*value);
        else
            add_null(type_of(static_cast<const T*>(nullptr)));
    }
    template <class T>
    void add(const std::vector<T>& values) {
        open_array();
        for (const auto& each : values) add_element(each);
        close_array();
    }
    void add(std::nullopt_t) { add_null(0); }
    void add_null(oid type);

    const std::vector<parameter>& parameters() const { return parameters_; }
    const char* text() const { return text_.data(); }

  private:
    // What a parameter is prepared as, whether or not the first call has a value for it.
    static oid type_of(const void*) { return 0; }
    static oid type_of(const bool*);
    static oid type_of(const bytes*);
    static oid type_of(const uuid*);
    static oid type_of(const instant*);
    template <class Tag>
    static oid type_of(const id<Tag>*) {
        return type_of(static_cast<const uuid*>(nullptr));
    }

    void open_array();
    void close_array();
    void add_element(std::int64_t value);
    void add_element(const std::string& value);
    void add_element(const uuid& value);
    void add_element(instant value);
    void add_element(const bytes& value);
    template <class Tag>
    void add_element(const id<Tag>& value) {
        add_element(value.value);
    }
    void put(const void* data, std::size_t size, int format, oid type);

    std::vector<parameter> parameters_;
    std::string text_;  // each parameter ends with a zero that is not counted, as libpq wants text
    std::size_t array_from_ = 0;
};

// A value of a result. `size` is negative for null. Valid as long as the rows it came from.
struct cell {
    const char* data;
    int size;
};

// What one statement answered: rows, or why not. Move only.
class rows {
  public:
    // `checked` remembers, for the statement, the row type whose columns were found right; it outlives the
    // rows.
    rows(pg_result* owned, const char* statement, const void** checked);

    std::size_t size() const { return size_; }
    std::size_t columns() const;
    const char* column_name(std::size_t column) const;
    oid column_type(std::size_t column) const;
    cell at(std::size_t row, std::size_t column) const;
    std::int64_t affected() const;
    std::string_view command() const;  // "COMMIT", "UPDATE 3", …
    const char* statement() const { return statement_; }

    // Throws `error` when the statement failed.
    const rows& or_throw() const {
        if (failed_) [[unlikely]]
            fail();
        return *this;
    }
    bool failed() const { return failed_; }
    std::string_view sqlstate() const;
    // The constraint that said no (SQLSTATE class 23), or empty.
    std::string_view violated() const;

    bool checked(const void* tag) const { return checked_ != nullptr && *checked_ == tag; }
    void remember(const void* tag) const {
        if (checked_ != nullptr) *checked_ = tag;
    }

  private:
    [[noreturn]] void fail() const;

    struct clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, clear> result_;
    const char* statement_;
    const void** checked_;
    std::size_t size_;
    bool failed_;
};

namespace detail {

[[noreturn]] void mismatch(const rows& from, std::size_t column, std::string_view expected);
void check_arity(const rows& from, std::size_t members);
void check_name(const rows& from, std::size_t column, std::string_view member);

// `accepts(type)` says whether a column of that type can be read, `read(cell, value)` whether it was.
bool accepts(oid type, const bool*);
bool accepts(oid type, const std::int16_t*);
bool accepts(oid type, const std::int32_t*);
bool accepts(oid type, const std::int64_t*);
bool accepts(oid type, const double*);
bool accepts(oid type, const std::string*);
bool accepts(oid type, const bytes*);
bool accepts(oid type, const uuid*);
bool accepts(oid type, const instant*);
inline bool accepts(oid type, const money*) {
    return accepts(type, static_cast<const std::int64_t*>(nullptr));
}
template <class Tag>
bool accepts(oid type, const id<Tag>*) {
    return accepts(type, static_cast<const uuid*>(nullptr));
}
template <class T>
bool accepts(oid type, const std::optional<T>*) {
    return accepts(type, static_cast<const T*>(nullptr));
}
// The type of an array's elements; 0 when `type` is not an array that we read.
oid element_type(oid type);
template <class T>
bool accepts(oid type, const std::vector<T>*) {
    const oid element = element_type(type);
    return element != 0 && accepts(element, static_cast<const T*>(nullptr));
}

bool read(cell from, bool& to);
bool read(cell from, std::int16_t& to);
bool read(cell from, std::int32_t& to);
bool read(cell from, std::int64_t& to);
bool read(cell from, double& to);
bool read(cell from, std::string& to);
bool read(cell from, bytes& to);
bool read(cell from, uuid& to);
bool read(cell from, instant& to);
inline bool read(cell from, money& to) { return read(from, to.paise); }
template <class Tag>
bool read(cell from, id<Tag>& to) {
    return read(from, to.value);
}

// Walks the elements of a binary array of one dimension.
class array_reader {
  public:
    explicit array_reader(cell from);
    bool valid() const { return valid_; }
    std::size_t left() const { return left_; }
    cell next();

  private:
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::size_t left_ = 0;
    bool valid_ = false;
};

template <class T>
bool read(cell from, std::vector<T>& to) {
    array_reader elements(from);
    if (!elements.valid()) return false;
    to.reserve(elements.left());
    while (elements.left() > 0) {
        const cell each = elements.next();
        if (each.size < 0) return false;
        if (!read(each, to.emplace_back())) return false;
    }
    return true;
}

template <class T>
bool read_nullable(cell from, T& to) {
    return from.size >= 0 && read(from, to);
}
template <class T>
bool read_nullable(cell from, std::optional<T>& to) {
    return from.size < 0 || read(from, to.emplace());
}

template <class Row>
using members_of =
    boost::describe::describe_members<Row, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class Row>
inline constexpr bool is_struct = boost::describe::has_describe_members<Row>::value;

template <class T>
void check_column(const rows& from, std::size_t column, std::string_view expected) {
    if (!accepts(from.column_type(column), static_cast<const T*>(nullptr))) mismatch(from, column, expected);
}

template <class Row>
inline constexpr char row_tag = 0;

template <class Row>
void check_columns(const rows& from) {
    if constexpr (is_struct<Row>) {
        check_arity(from, boost::mp11::mp_size<members_of<Row>>::value);
        std::size_t column = 0;
        boost::mp11::mp_for_each<members_of<Row>>([&](auto member) {
            using value = std::remove_cvref_t<decltype(std::declval<Row&>().*member.pointer)>;
            check_name(from, column, member.name);
            check_column<value>(from, column, member.name);
            ++column;
        });
    } else {
        check_arity(from, 1);
        check_column<Row>(from, 0, "the row's type");
    }
    from.remember(&row_tag<Row>);
}

}  // namespace detail

// The bound values of one call of `s`, which takes as many.
template <class... A>
arguments encode(const statement& s, const A&... values) {
    if (s.parameters != static_cast<int>(sizeof...(A))) [[unlikely]]
        throw error("07001", "", s.name, "called with " + std::to_string(sizeof...(A)) + " arguments");
    arguments encoded(sizeof...(A));
    (encoded.add(values), ...);
    return encoded;
}

// The row at `index`, whose columns match Row's members by position, name and type.
template <class Row>
Row decode_row(const rows& from, std::size_t index) {
    if (!from.checked(&detail::row_tag<Row>)) [[unlikely]]
        detail::check_columns<Row>(from);
    Row row{};
    if constexpr (detail::is_struct<Row>) {
        std::size_t column = 0;
        boost::mp11::mp_for_each<detail::members_of<Row>>([&](auto member) {
            if (!detail::read_nullable(from.at(index, column), row.*member.pointer)) [[unlikely]]
                detail::mismatch(from, column, member.name);
            ++column;
        });
    } else if (!detail::read_nullable(from.at(index, 0), row)) {
        detail::mismatch(from, 0, "the row's type");
    }
    return row;
}

template <class Row>
std::vector<Row> decode_rows(const rows& from) {
    // An empty answer is checked too, so that a wrong row type is found before there are rows.
    if (!from.checked(&detail::row_tag<Row>)) [[unlikely]]
        detail::check_columns<Row>(from);
    std::vector<Row> decoded;
    decoded.reserve(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) decoded.push_back(decode_row<Row>(from, i));
    return decoded;
}

}  // namespace astrotalk::pg
