#include "core/aadhaar.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/masked_aadhaar.hpp"
#include "core/plain_digits.hpp"
#include "core/verhoeff.hpp"

namespace astrotalk {
namespace {

constexpr std::size_t length = 12, group = 4, pair = 8, uuid_size = 36, widest_gap = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

// 8-4-4-4-12 in hex, as a whole.
bool is_uuid_at(std::string_view text, std::size_t at) {
    if (at + uuid_size > text.size()) return false;
    for (std::size_t i = 0; i < uuid_size; ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[at + i] != '-' : !is_hex(text[at + i])) return false;
    }
    return true;
}

// Whether a place is within a long word of hex digits: a hash, a trace, a key. The word that was found last
// is remembered: a long one with many numbers in it is walked through once.
class hex_words {
  public:
    explicit hex_words(std::string_view text) : text_(text) {}
    bool contain(std::size_t at) {
        if (at < from_ || at >= to_) find(at);
        return is_word_;
    }

  private:
    void find(std::size_t at) {
        from_ = to_ = at;
        while (from_ > 0 && is_hex(text_[from_ - 1])) --from_;
        while (to_ < text_.size() && is_hex(text_[to_])) ++to_;
        const bool ends =
            (from_ == 0 || !is_letter(text_[from_ - 1])) && (to_ == text_.size() || !is_letter(text_[to_]));
        is_word_ = ends && to_ - from_ >= 16;
    }
    std::string_view text_;
    std::size_t from_ = 0, to_ = 0;
    bool is_word_ = false;
};

int two(std::string_view d, std::size_t at) { return (d[at] - '0') * 10 + (d[at + 1] - '0'); }

// YYYYMMDD.
bool is_day(std::string_view d) {
    return (two(d, 0) == 19 || two(d, 0) == 20) && two(d, 4) >= 1 && two(d, 4) <= 12 && two(d, 6) >= 1 &&
           two(d, 6) <= 31;
}
bool is_year(std::string_view d) { return two(d, 0) == 19 || two(d, 0) == 20; }
bool is_instant(std::string_view d) {
    return is_day(d) && d[0] == '2' && (d[2] == '2' || d[2] == '3') && two(d, 8) <= 23 && two(d, 10) <= 59;
}
bool is_indian_phone(std::string_view d) { return d.starts_with("91") && d[2] >= '6'; }

// `"accountNumber":"` before it, as far as anybody writes that.
bool is_number_of_member(std::string_view text, std::size_t at) {
    auto name = text.substr(0, at);
    if (name.ends_with('"')) name.remove_suffix(1);
    if (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.ends_with("\":")) return false;
    name.remove_suffix(2);
    return std::ranges::any_of(number_members, [&](std::string_view each) {
        return name.ends_with(each) && name.size() > each.size() &&
               name[name.size() - each.size() - 1] == '"';
    });
}

// "RRN 4123…", "UPI ref. no.: 4123…": the words before it, at most five.
bool is_payment_reference(std::string_view text, std::size_t at) {
    constexpr std::string_view names[] = {"rrn", "utr", "upi"};
    constexpr std::string_view fillers[] = {"ref", "reference", "no",          "number",
                                            "id",  "txn",       "transaction", "payment"};
    constexpr std::string_view between = " .:#-=_\"'(/";
    constexpr std::size_t longest_word = 12, most_between = 4;
    for (int words = 0; words < 5; ++words) {
        std::size_t skipped = 0;
        while (at > 0 && skipped < most_between && between.find(text[at - 1]) != std::string_view::npos)
            --at, ++skipped;
        std::string word;
        while (at > 0 && word.size() < longest_word && is_letter(text[at - 1]))
            word.insert(word.begin(), static_cast<char>(text[--at] | 0x20));
        if (std::ranges::find(names, word) != std::ranges::end(names)) return true;
        if (std::ranges::find(fillers, word) == std::ranges::end(fillers)) return false;
    }
    return false;
}

// Digits that stand together, and what joins them with the next: as many separators, or none.
struct run {
    std::size_t from, to;
    std::size_t gap = 0;
    std::size_t size() const { return to - from; }
};

std::vector<run> runs_in(std::string_view text) {
    std::vector<run> all;
    for (std::size_t at = 0; at < text.size();) {
        const bool starts = at == 0 || !is_hex(text[at - 1]);
        if (starts && is_hex(text[at]) && is_uuid_at(text, at)) {
            at += uuid_size;
            continue;
        }
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        run found{at, at};
        while (found.to < text.size() && is_digit(text[found.to])) ++found.to;
        at = found.to;
        while (at < text.size() && at - found.to <= widest_gap && is_separator(text[at])) ++at;
        const auto gap = at - found.to;
        // What begins with a UUID is no number.
        const bool joins =
            gap >= 1 && gap <= widest_gap && at < text.size() && is_digit(text[at]) && !is_uuid_at(text, at);
        found.gap = joins ? gap : 0;
        all.push_back(found);
    }
    return all;
}

class search {
  public:
    explicit search(std::string_view text) : text_(text), runs_(runs_in(text)), words_(text) {}

    // Calls `found(from, to)` for each number, in their order.
    template <class F>
    void each(F found) {
        for (std::size_t i = 0; i < runs_.size();) {
            const auto used = number_at(i);
            if (used > 0) found(runs_[i].from, runs_[i + used - 1].to);
            i += std::max<std::size_t>(used, 1);
        }
    }

  private:
    // Of how many runs, from this on, a number is made; 0 when there is none.
    std::size_t number_at(std::size_t i) {
        const auto size = [&](std::size_t n) { return i + n < runs_.size() ? runs_[i + n].size() : 0; };
        const auto joined = [&](std::size_t n) { return runs_[i + n].gap > 0; };
        if (size(0) == length) return is_whole(runs_[i]) ? 1 : 0;
        if (size(0) == group && size(1) == group && size(2) == group && joined(0) && joined(1))
            return is_grouped(i, 3) ? 3 : 0;
        const bool in_two = (size(0) == group && size(1) == pair) || (size(0) == pair && size(1) == group);
        return in_two && joined(0) && is_grouped(i, 2) ? 2 : 0;
    }

    bool is_whole(const run& of) {
        const auto digits = text_.substr(of.from, length);
        if (!is_number(digits) || is_instant(digits) || is_in_hex(of, of)) return false;
        const char before = of.from == 0 ? ' ' : text_[of.from - 1];
        if (before == '+') return false;
        if (before == '.' && of.from > 1 && is_digit(text_[of.from - 2])) return false;
        if (of.to + 1 < text_.size() && text_[of.to] == '.' && is_digit(text_[of.to + 1])) return false;
        return !is_number_of_member(text_, of.from) && !is_payment_reference(text_, of.from);
    }

    bool is_grouped(std::size_t i, std::size_t count) {
        std::string digits;
        for (std::size_t n = 0; n < count; ++n)
            digits += text_.substr(runs_[i + n].from, runs_[i + n].size());
        if (!is_number(digits) || is_in_hex(runs_[i], runs_[i + count - 1])) return false;
        if (count == 2 && gap_of(i) == ".") return false;  // a fraction
        if (count == 2 && is_time(i)) return false;
        if (count == 3 && is_year(digits) && is_year(digits.substr(4)) && is_year(digits.substr(8)))
            return false;
        return !goes_on_before(i, count) && !goes_on_after(i, count);
    }

    bool is_number(std::string_view digits) const {
        return digits[0] >= '2' && !is_indian_phone(digits) && has_verhoeff_digit(digits);
    }
    bool is_in_hex(const run& first, const run& last) {
        return words_.contain(first.from) || words_.contain(last.from);
    }
    std::string_view gap_of(std::size_t i) const { return text_.substr(runs_[i].to, runs_[i].gap); }

    bool is_time(std::size_t i) const {
        const auto& eight = runs_[i].size() == pair ? runs_[i] : runs_[i + 1];
        return is_day(text_.substr(eight.from, pair));
    }
    // Another such group, which makes it the number of a card.
    static bool is_group(const run& of, std::size_t count) {
        return of.size() == group || (count == 2 && of.size() == pair);
    }
    bool goes_on_before(std::size_t i, std::size_t count) const {
        const auto is_phone = [&](const run& of) { return of.from > 0 && text_[of.from - 1] == '+'; };
        if (is_phone(runs_[i])) return true;
        return i > 0 && runs_[i - 1].gap > 0 && (is_group(runs_[i - 1], count) || is_phone(runs_[i - 1]));
    }
    bool goes_on_after(std::size_t i, std::size_t count) const {
        const auto last = i + count - 1;
        return runs_[last].gap > 0 && gap_of(last) == gap_of(i) && is_group(runs_[last + 1], count);
    }

    std::string_view text_;
    std::vector<run> runs_;
    hex_words words_;
};

}  // namespace

std::size_t count_aadhaar_numbers(std::string_view text) {
    if (text.size() < length) return 0;
    const auto plain = with_plain_digits(text);
    std::size_t found = 0;
    search(plain).each([&](std::size_t, std::size_t) { ++found; });
    return found;
}

std::string with_masked_aadhaar_numbers(std::string_view text) {
    std::vector<std::size_t> origins;
    const auto plain = with_plain_digits(text, &origins);
    origins.push_back(text.size());
    std::string out;
    std::size_t copied = 0;
    search(plain).each([&](std::size_t from, std::size_t to) {
        out += text.substr(copied, origins[from] - copied);
        out += "XXXXXXXX";
        out += std::string_view(plain).substr(to - group, group);
        copied = origins[to];
    });
    out += text.substr(copied);
    return out;
}

}  // namespace astrotalk
