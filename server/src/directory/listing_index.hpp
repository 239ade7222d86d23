// Who is listed, in memory: what listings are filtered and sorted by, and no more (what is shown is read from
// the database). A bitmap for each code, a column for each number, a permutation for each order: a page costs
// about the same whatever is asked for, and however many there are. See docs/adr/0011.
//
// Thread safety: none; one per I/O thread. About 400 bytes for each listed astrologer.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "directory/domain.hpp"

namespace astrotalk::directory {

// As the feed has it (tail_listing).
struct listed_row {
    user_id id;
    std::int64_t changed = 0;
    bool listed = false;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;  // in lower case
    std::optional<std::string> gender;
    channel_prices prices;
    std::vector<std::int32_t> stars;
    std::int32_t online = 0;
    std::optional<instant> next_free_at;
    std::vector<std::string> words;
};

// Where a page ends: what the order compares, and the id. It stays a place in the order when the one who
// stood there is gone.
struct position {
    std::int64_t key = 0;
    user_id id;
};

// One word that was searched for: whoever has one of the words, or one of the skills.
struct meant {
    std::vector<std::string> words, skills;
};

struct wanted {
    filter by;
    std::vector<meant> text;       // all of them
    std::vector<user_id> without;  // those whom the caller is not to see
};

struct hit {
    user_id id;
    std::int64_t version = 0;  // of what is shown
    std::int64_t key = 0;
};

struct tally {
    std::string value;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (value, count))

// How many there are of each value, all other filters as they are.
struct counts {
    std::int64_t total = 0;
    std::vector<tally> specializations, languages, genders, channels, ratings, cities;
    std::int64_t online = 0;
};
BOOST_DESCRIBE_STRUCT(counts, (),
                      (total, specializations, languages, genders, channels, ratings, cities, online))

class listing_index {
  public:
    // Each row in place of what was known of it.
    void apply(std::vector<listed_row> rows);
    // In that order, from the first or after a position; at most `most`.
    std::vector<hit> find(const wanted& who, order in, const std::optional<position>& after,
                          std::size_t most) const;
    counts count(const wanted& who) const;
    std::size_t size() const { return listed_; }
    // Names of cities and words that nobody has any more have piled up: begin anew.
    bool worn() const { return city_numbers_.size() + word_numbers_.size() > 8 * listed_ + 10000; }

  private:
    using slot = std::uint32_t;
    class bits {
      public:
        void set(slot at);
        void clear(slot at);
        bool has(slot at) const { return (words[at / 64] >> (at % 64) & 1) != 0; }
        std::vector<std::uint64_t> words;
    };
    using codes = std::unordered_map<std::string, bits>;

    // The permutations: four orders, and the prices of each channel and of the cheapest, both ways.
    static constexpr std::size_t orders = 8;
    static std::size_t order_of(order in, const filter& by);
    struct row {
        user_id id;
        std::int64_t version = 0;
        std::array<std::int64_t, orders> keys{};
        std::vector<std::string> languages, specializations;
        std::vector<std::uint32_t> words;
        std::uint8_t gender = 0;  // 0: not said
        std::uint8_t online = 0;
    };

    enum class part : std::uint8_t { specialization, language, gender, rating, online };

    void remove(slot at);
    void add(listed_row from);
    void fill(slot at, const listed_row& from, row& made);
    void place(slot at);
    void displace(slot at);
    bool before(std::size_t in, slot a, slot b) const;
    // Those who pass every filter but one.
    bits matching(const wanted& who, std::optional<part> but) const;
    void keep_codes(bits& out, const codes& of, const std::vector<std::string>& any) const;
    void keep_text(bits& out, const meant& one) const;
    void keep_numbers(bits& out, const wanted& who, std::optional<part> but) const;
    template <class Column, class Test>
    void keep(bits& out, const Column& column, Test test) const;
    std::vector<tally> tallies(const codes& of, const bits& among) const;
    std::uint32_t number_of(std::unordered_map<std::string, std::uint32_t>& names, const std::string& name);

    std::unordered_map<uuid, slot> slots_;
    std::vector<row> rows_;
    std::vector<slot> free_;
    std::size_t listed_ = 0;
    bits live_;
    codes languages_, specializations_;
    std::array<bits, 4> genders_;
    std::array<bits, 3> online_;
    // Columns by slot.
    std::array<std::vector<std::int64_t>, 4> prices_;  // chat, call, video, the cheapest; none_ where off
    std::vector<std::int32_t> means_, experience_;
    std::vector<std::uint32_t> cities_;
    std::vector<std::int64_t> free_at_;
    std::array<std::vector<slot>, orders> permutations_;
    std::unordered_map<std::string, std::uint32_t> city_numbers_, word_numbers_;
    std::vector<std::vector<slot>> having_word_;
};

}  // namespace astrotalk::directory
