#include "core/log.hpp"
#include "http/json.hpp"
#include "intake/queries.hpp"
#include "intake/steps.hpp"

namespace astrotalk::intake {
namespace {

std::string details_place(const std::string& row) { return fmt::format("{}:{}", details_purpose, row); }
std::string birth_place(const std::string& row) { return fmt::format("{}:{}", birth_purpose, row); }
std::string question_place(const std::string& row) { return fmt::format("{}:{}", question_purpose, row); }

constexpr jobs::sealed_column columns[] = {
    {"birth_profile.details", details_purpose, details_place, sql::read_sealed_birth_profiles,
     sql::replace_sealed_birth_profiles},
    {"intake.birth", birth_purpose, birth_place, sql::read_sealed_intake_births,
     sql::replace_sealed_intake_births},
    {"intake.question", question_purpose, question_place, sql::read_sealed_intake_questions,
     sql::replace_sealed_intake_questions},
};

}  // namespace

std::span<const jobs::sealed_column> sealed_columns() { return columns; }

bytes seal_birth(const crypto::keyring& keys, std::string_view purpose, uuid row, const birth& what) {
    return keys.seal(purpose, http::to_json(what), fmt::format("{}:{}", purpose, row.to_string()));
}

std::optional<birth> open_birth(const crypto::keyring& keys, std::string_view purpose, uuid row,
                                const bytes& sealed) {
    const auto text = keys.open(purpose, sealed, fmt::format("{}:{}", purpose, row.to_string()));
    auto read = text ? http::from_json<birth>(*text) : result<birth, http::faults>(http::faults{});
    if (!read) {
        log::error("birth.does_not_open", {{"row", row}});
        return std::nullopt;
    }
    return std::move(*read);
}

given opened(const crypto::keyring& keys, const intake_row& row) {
    given found{{row.id}, {}, {}, row.updated_at};
    if (row.birth_sealed) found.birth = open_birth(keys, birth_purpose, row.id, *row.birth_sealed);
    if (row.question_sealed) {
        auto text = keys.open(question_purpose, *row.question_sealed, question_place(row.id.to_string()));
        if (text)
            found.question = personal(std::move(*text));
        else
            log::error("question.does_not_open", {{"row", row.id}});
    }
    return found;
}

}  // namespace astrotalk::intake
