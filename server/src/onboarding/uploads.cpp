#include "onboarding/uploads.hpp"

#include <algorithm>

#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::uploads {
namespace {

std::string payload_for(uuid upload) { return fmt::format(R"({{"uploadId":"{}"}})", upload.to_string()); }

view to_view(service& s, stored row) {
    view shown{.id = row.id,
               .kind = row.kind,
               .state = row.state,
               .content_type = row.content_type,
               .size = row.size,
               .fault = row.fault,
               .files = {},
               .created_at = row.created_at};
    if (row.state != "ready") return shown;
    for (const auto& part : row.parts) {
        const auto key = part_key(row, part);
        shown.files.push_back({part, row.kind == "photo"
                                         ? s.photo_url + key.substr(std::string_view("photos/").size())
                                         : s.store->link_to_get(s.private_bucket, key, {}, view_lives)});
    }
    return shown;
}

std::vector<view> to_views(service& s, std::vector<stored> rows) {
    std::vector<view> shown;
    for (auto& row : rows) shown.push_back(to_view(s, std::move(row)));
    return shown;
}

}  // namespace

images::purpose purpose_of(std::string_view kind) {
    return kind == "photo" ? images::purpose::photo : images::purpose::document;
}

std::vector<std::pair<std::string, std::string>> check(const request& sent) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto taken =
        images::types_for(sent.kind == kind::photo ? images::purpose::photo : images::purpose::document);
    if (std::ranges::find(taken, sent.content_type) == taken.end())
        found.emplace_back("/contentType", fmt::format("one of {}", fmt::join(taken, ", ")));
    if (sent.size < 1 || std::size_t(sent.size) > images::longest_upload)
        found.emplace_back("/size", fmt::format("1 to {} bytes", images::longest_upload));
    return found;
}

std::string incoming_key(const stored& of) {
    return fmt::format("incoming/{}/{}", of.user_id.to_string(), of.id.to_string());
}

std::string part_key(const stored& of, std::string_view part) {
    const auto ending = part == "file" ? "pdf" : "webp";
    if (of.kind == "photo") return fmt::format("photos/{}/{}.{}", of.id.to_string(), part, ending);
    return fmt::format("papers/{}/{}/{}.{}", of.user_id.to_string(), of.id.to_string(), part, ending);
}

task<outcome<invitation>> ask(service& s, user_id who, request wanted) {
    const std::string name(boost::describe::enum_to_string(wanted.kind, ""));
    const auto seconds = static_cast<std::int32_t>(std::chrono::seconds(link_lives).count());
    const auto id = uuid::v7();
    bool has_profile = false;
    std::optional<stored> asked;
    auto body = [&](pg::transaction& t) -> task<void> {
        has_profile = (co_await t.query_one<user_id>(sql::lock_astrologer, who)).has_value();
        if (has_profile)
            asked = co_await t.query_one<stored>(sql::ask_upload, id, who, name, wanted.content_type,
                                                 wanted.size, seconds, most_a_day);
    };
    co_await s.pg.transact(body);
    if (!has_profile) co_return error::profile_required;
    if (!asked) co_return error::too_many_uploads;
    auto& row = *asked;
    const storage::upload_terms terms{row.content_type, std::uint64_t(row.size)};
    auto link = s.store->link_to_put(s.private_bucket, incoming_key(row), terms, link_lives);
    co_return invitation{to_view(s, std::move(row)), std::move(link), clock::now() + link_lives};
}

task<outcome<view>> confirm(service& s, user_id who, uuid upload) {
    const auto known = co_await s.pg.read_one<stored>(sql::find_upload, upload);
    if (!known || known->user_id != who || known->state == "removed") co_return error::upload_not_found;
    if (known->state == "asked") {
        const auto there = co_await s.store->head(s.private_bucket, incoming_key(*known));
        if (!there) co_return error::nothing_sent;
    }
    const auto letter = uuid::v7();
    auto row = co_await s.pg.write_one<stored>(sql::confirm_upload, upload, who, letter,
                                               jobs::seal_payload(s.keys, letter, payload_for(upload)));
    if (!row) co_return error::upload_not_found;
    co_return to_view(s, std::move(*row));
}

task<outcome<void>> remove(service& s, user_id who, uuid upload, std::string request_id) {
    std::optional<uuid> gone;
    const auto trail = uuid::v7();
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await t.query<user_id>(sql::lock_astrologer, who);
        gone = co_await t.query_one<uuid>(sql::remove_upload, upload, who, trail, request_id);
    };
    co_await s.pg.transact(body);
    if (!gone) co_return error::upload_not_found;
    co_return outcome<void>();
}

task<bool> finish(service& s, stored row, std::vector<std::string> parts) {
    std::optional<uuid> done;
    const auto trail = uuid::v7();
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await t.query<user_id>(sql::lock_astrologer, row.user_id);
        done = co_await t.query_one<uuid>(sql::finish_upload, row.id, parts, trail);
    };
    co_await s.pg.transact(body);
    co_return done.has_value();
}

task<std::vector<view>> list(service& s, user_id who) {
    co_return to_views(s, co_await s.pg.read<stored>(sql::list_uploads, who));
}

task<std::vector<view>> read(service& s, reader who, user_id astrologer) {
    co_return to_views(s, co_await s.pg.write<stored>(sql::read_uploads, astrologer, uuid::v7(), who.id,
                                                      who.role, who.reason, who.request_id));
}

}  // namespace astrotalk::onboarding::uploads
