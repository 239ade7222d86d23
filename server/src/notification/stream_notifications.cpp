#include <algorithm>

#include "http/body_stream.hpp"
#include "http/json.hpp"
#include "notification/inbox.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

using std::chrono::steady_clock;

// A row whose id is older than the last one's may become visible after it, by as much as a statement takes.
constexpr std::chrono::seconds overlap{10};
constexpr std::int32_t batch = 100;

struct event_item {
    uuid id;
    std::string kind;
    http::raw_json params;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(event_item, (), (id, kind, params, created_at))

// The lowest id of that moment, or of the first that an id can say.
uuid first_id_of(instant at) {
    uuid id;
    const auto since = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
    const auto ms = std::max(since, decltype(since){0});
    for (int i = 0; i < 6; ++i)
        id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    return id;
}

// How far one stream has come.
class reading {
  public:
    explicit reading(uuid last) : last_(last) {}

    uuid from() const { return first_id_of(last_.time() - overlap); }
    // Whether it is new here.
    bool take(uuid id) {
        if (std::ranges::find(sent_, id) != sent_.end()) return false;
        sent_.push_back(id);
        last_ = std::max(last_, id);
        return true;
    }
    void forget_old() {
        const auto oldest = from();
        std::erase_if(sent_, [&](const uuid& id) { return id < oldest; });
    }

  private:
    uuid last_;
    std::vector<uuid> sent_;  // of the overlap
};

struct subscription {
    inbox& s;
    user_id whose;
    secret bearer;
    reading at;
    std::shared_ptr<live_feed::listener> ears;
};

std::string event_text(notice n) {
    return fmt::format(
        "id: {}\nevent: notification\ndata: {}\n\n", n.id.to_string(),
        http::to_json(event_item{n.id, std::move(n.kind), {std::move(n.params)}, n.created_at}));
}

// Everything that this stream has not had. Without `out`, it is only noted as known.
task<bool> send_news(subscription& to, http::body_stream* out) {
    for (auto from = to.at.from();;) {
        auto rows = co_await to.s.pg.read<notice>(sql::read_new, to.whose, from, batch);
        std::string text;
        for (auto& row : rows) {
            from = row.id;
            if (to.at.take(row.id) && out) text += event_text(std::move(row));
        }
        if (!text.empty() && !co_await out->write(std::move(text))) co_return false;
        if (rows.size() < batch) break;
    }
    to.at.forget_old();
    co_return true;
}

task<void> follow(subscription& to, http::body_stream& out) {
    if (!co_await out.write("retry: 3000\n\n")) co_return;
    if (!co_await send_news(to, &out)) co_return;
    auto beat = steady_clock::now() + to.s.heartbeat, check = steady_clock::now() + to.s.token_check;
    while (out.open()) {
        out.changed().reset();
        if (to.ears->take_news() && !co_await send_news(to, &out)) co_return;
        const auto now = steady_clock::now();
        if (now >= check) {
            if (!co_await to.s.is_valid(to.bearer.reveal())) co_return;
            check = now + to.s.token_check;
        }
        if (now >= beat) {
            if (!co_await out.write(":\n\n")) co_return;
            beat = now + to.s.heartbeat;
        }
        if (out.open()) co_await out.changed().wait_for(std::min(beat, check) - now);
    }
}

// The ears stop before the stream, whose event they set, is gone.
struct listening {
    live_feed::listener& ears;
    listening(live_feed::listener& to, http::body_stream& out) : ears(to) { ears.tell(&out.changed()); }
    ~listening() { ears.tell(nullptr); }
    listening(const listening&) = delete;
};

task<void> run(std::shared_ptr<subscription> to, http::body_stream& out) {
    const listening now(*to->ears, out);
    try {
        co_await follow(*to, out);
    } catch (const pg::unavailable&) {
        // The client comes again, and learns there how things stand.
    }
}

}  // namespace

task<result<http::response, live_feed::full>> stream_notifications(inbox& s, user_id whose, secret bearer,
                                                                   std::optional<uuid> after) {
    auto ears = s.feed.listen(whose);
    if (!ears) co_return ears.error();
    const auto now = clock::now();
    const bool resumes = after && after->time() <= now;
    auto to = std::make_shared<subscription>(subscription{
        s, whose, std::move(bearer), reading(resumes ? *after : first_id_of(now)), std::move(*ears)});
    // Before the first byte of the answer: who has that may read the list, and expects the rest from here.
    if (resumes)
        to->at.take(*after);
    else
        co_await send_news(*to, nullptr);
    http::response r;
    r.content_type = "text/event-stream; charset=utf-8";
    r.headers.emplace_back("x-accel-buffering", "no");
    r.streamed = [to = std::move(to)](http::body_stream& out) { return run(to, out); };
    co_return r;
}

}  // namespace astrotalk::notification
