#include "core/log.hpp"
#include "http/json.hpp"
#include "onboarding/queries.hpp"
#include "onboarding/uploads.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::onboarding::uploads {
namespace {

constexpr std::int32_t batch = 50;

struct process_payload {
    uuid upload_id;
};
BOOST_DESCRIBE_STRUCT(process_payload, (), (upload_id))

void count(std::string_view kind, std::string_view outcome) {
    telemetry::counter_of("astrotalk_uploads_total",
                          "Uploads that were looked at, by kind and what came of them.",
                          {{"kind", std::string(kind)}, {"outcome", std::string(outcome)}})
        .add();
}

const std::string& bucket_of(const service& s, const stored& row) {
    return row.kind == "photo" ? s.public_bucket : s.private_bucket;
}

storage::object_traits traits_of(const stored& row, const images::part& made) {
    storage::object_traits traits;
    traits.content_type = made.type;
    traits.cache_control = row.kind == "photo" ? "public, max-age=31536000, immutable" : "private, no-store";
    return traits;
}

// Which parts there are may not have been noted yet when it was removed.
std::vector<std::string> keys_of(const stored& row) {
    if (row.kind == "photo") return {part_key(row, "thumb"), part_key(row, "card"), part_key(row, "full")};
    return {part_key(row, "page"), part_key(row, "file")};
}

task<void> delete_files(service& s, pg::transaction& t, const stored& row) {
    co_await s.store->remove(s.private_bucket, incoming_key(row));
    for (const auto& key : keys_of(row)) {
        co_await t.execute(sql::share_hold_lock);
        co_await s.store->remove(bucket_of(s, row), key);
    }
}

// While its files go, a legal hold waits; one that was set before keeps them. Whether they went. A second
// time after a conflict or a crash, it deletes what is left.
task<bool> sweep_one(service& s, uuid id) {
    bool gone = false;
    auto body = [&](pg::transaction& t) -> task<void> {
        gone = false;
        co_await t.execute(sql::share_hold_lock);
        const auto row = co_await t.query_one<stored>(sql::take_unswept_upload, id);
        if (!row) co_return;
        co_await delete_files(s, t, *row);
        co_await t.execute(sql::mark_upload_swept, id);
        gone = true;
    };
    co_await s.pg.transact(body);
    co_return gone;
}

task<void> keep(service& s, const stored& row, std::vector<images::part> made) {
    std::vector<std::string> names;
    for (auto& part : made) {
        names.push_back(part.name);
        const auto kept = co_await s.store->put(bucket_of(s, row), part_key(row, part.name),
                                                traits_of(row, part), std::move(part.bytes), {});
        if (!kept) throw std::runtime_error("the object store refused what was made of an upload");
    }
    if (co_await finish(s, row, names)) {
        count(row.kind, "ready");
        co_return;
    }
    // Removed meanwhile, perhaps swept already; or settled by another worker, whose files these are.
    co_await s.pg.execute(sql::sweep_again, row.id);
}

task<void> refuse(service& s, const stored& row, std::string_view why) {
    co_await s.pg.execute(sql::refuse_upload, row.id, std::string(why), uuid::v7());
    count(row.kind, why);
}

// A second time, after a crash, it finds the upload settled or makes the same objects again. What came is
// deleted last.
task<void> process(service& s, images::workshop& shop, jobs::job work) {
    const auto sent = http::from_json<process_payload>(work.payload);
    if (!sent) throw jobs::permanent_failure("the payload has another form");
    const auto row = co_await s.pg.read_one<stored>(sql::find_upload, sent->upload_id);
    if (!row) throw jobs::permanent_failure("there is no such upload");
    const auto from = incoming_key(*row);
    // Its files may have been made before a crash and after the sweep.
    if (row->state == "removed") co_await s.pg.execute(sql::sweep_again, row->id);
    if (row->state == "sent") {
        auto came = co_await s.store->get(s.private_bucket, from, {});
        if (!came) {
            co_await refuse(s, *row, "missing");
        } else {
            auto made =
                co_await shop.process(purpose_of(row->kind), row->content_type, std::move(came->content));
            if (made)
                co_await keep(s, *row, std::move(*made));
            else
                co_await refuse(s, *row, images::name_of(made.error()));
        }
    }
    co_await s.store->remove(s.private_bucket, from);
}

// What was sent by a link when its upload was settled already. Twice the link's life: a sender that began in
// time has come to an end by then.
task<void> sweep_late(service& s) {
    const auto over = static_cast<std::int32_t>(std::chrono::seconds(2 * link_lives).count());
    while (true) {
        const auto rows = co_await s.pg.read<stored>(sql::list_late_uploads, batch, over);
        std::vector<uuid> done;
        for (const auto& row : rows) {
            co_await s.store->remove(s.private_bucket, incoming_key(row));
            done.push_back(row.id);
        }
        if (done.empty()) co_return;
        co_await s.pg.execute(sql::mark_late_swept, done);
    }
}

}  // namespace

void handle_jobs(jobs::outbox_worker& worker, service& s, images::workshop& shop) {
    worker.handle("upload.process",
                  [&s, &shop](jobs::job work) { return process(s, shop, std::move(work)); });
}

task<void> sweep(service& s) {
    while (co_await s.pg.execute(sql::give_up_uploads, batch) == batch) {
    }
    while (true) {
        int gone = 0;
        for (const auto& row : co_await s.pg.write<stored>(sql::list_unswept_uploads, batch))
            gone += co_await sweep_one(s, row.id) ? 1 : 0;
        if (gone == 0) break;  // what is left, another node has in hand, or a hold keeps
    }
    co_await sweep_late(s);
}

}  // namespace astrotalk::onboarding::uploads
