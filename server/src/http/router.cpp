// The table of routes as a tree of path segments. Literals win over placeholders.
#include "core/verify.hpp"
#include "http/http.hpp"

namespace astrotalk::http {
namespace {

constexpr std::size_t most_values = 4;
constexpr std::size_t methods = static_cast<std::size_t>(verb::unknown);

struct node {
    std::vector<std::pair<std::string, std::unique_ptr<node>>> literals;
    std::unique_ptr<node> placeholder;
    std::unique_ptr<node> rest;
    std::array<int, methods> route_of = [] {
        std::array<int, methods> none{};
        none.fill(-1);
        return none;
    }();
    bool is_end = false;
};

std::string_view take_segment(std::string_view& path) {
    const auto end = path.find('/', 1);
    const auto segment = path.substr(1, end == std::string_view::npos ? end : end - 1);
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    return segment;
}

node& literal_below(node& parent, std::string_view segment) {
    for (auto& [name, child] : parent.literals)
        if (name == segment) return *child;
    return *parent.literals.emplace_back(std::string(segment), std::make_unique<node>()).second;
}

using path_values = std::array<std::string_view, most_values>;

const node* walk(const node& at, std::string_view path, path_values& values, std::size_t used) {
    if (path.empty()) return at.is_end ? &at : nullptr;
    std::string_view below = path;
    const auto segment = take_segment(below);
    for (const auto& [name, child] : at.literals)
        if (name == segment)
            if (const node* found = walk(*child, below, values, used)) return found;
    if (at.placeholder && !segment.empty()) {
        values[used] = segment;
        if (const node* found = walk(*at.placeholder, below, values, used + 1)) return found;
        values[used] = {};
    }
    if (at.rest) {
        values[used] = path.substr(1);
        return at.rest.get();
    }
    return nullptr;
}

}  // namespace

struct router::index {
    node root;
};

void router::add(mounted_route row) {
    if (!index_) index_ = std::make_shared<index>();
    verify(row.pattern.starts_with('/'));
    row.label = fmt::format("{} {}", name_of(row.method), row.pattern);
    node* at = &index_->root;
    std::size_t values = 0;
    for (std::string_view path = row.pattern; !path.empty();) {
        const auto segment = take_segment(path);
        if (!segment.starts_with('{')) {
            at = &literal_below(*at, segment);
            continue;
        }
        verify(++values <= most_values);
        auto& child = segment.ends_with("*}") ? at->rest : at->placeholder;
        if (!child) child = std::make_unique<node>();
        at = child.get();
    }
    at->is_end = true;
    auto& slot = at->route_of[static_cast<std::size_t>(row.method)];
    verify(slot < 0);  // two rows for one method and path
    slot = static_cast<int>(routes_.size());
    routes_.push_back(std::move(row));
}

router::match router::find(verb method, std::string_view path) const {
    match found;
    if (!index_ || !path.starts_with('/')) return found;
    const node* at = walk(index_->root, path, found.values, 0);
    if (at == nullptr) return found;
    const auto row = [&](verb v) { return at->route_of[static_cast<std::size_t>(v)]; };
    int chosen = method == verb::unknown ? -1 : row(method);
    if (chosen < 0 && method == verb::head) chosen = row(verb::get);
    if (chosen >= 0) {
        found.route = &routes_[static_cast<std::size_t>(chosen)];
        return found;
    }
    for (std::size_t i = 0; i < methods; ++i) {
        if (at->route_of[i] < 0) continue;
        found.allowed += name_of(static_cast<verb>(i));
        found.allowed += ", ";
        if (static_cast<verb>(i) == verb::get && row(verb::head) < 0) found.allowed += "HEAD, ";
    }
    found.allowed += "OPTIONS";
    return found;
}

std::vector<const mounted_route*> router::routes() const {
    std::vector<const mounted_route*> all;
    for (const auto& each : routes_) all.push_back(&each);
    return all;
}

}  // namespace astrotalk::http
