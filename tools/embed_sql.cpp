// Turns SQL files into C++ at build time, so that the binary carries every statement it can run.
//
//   embed_sql <folder> <out.hpp> <queries.sql>…
//     one pg::statement per block "-- name: verb_noun … ;" of all files, and `all` of them
//   embed_sql --migrations <out.cpp> <directory>
//     every <directory>/NNNN-name/{up,after}.sql, in order
//
// It is strict, because a mistake found here costs a second and one found in production costs a night: a
// statement without a name, a name without a statement, a name used twice, two statements in one block, a gap
// in the parameters.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_marker = "-- name:";

struct statement {
    std::string name, sql;
    int parameters = 0;
};

[[noreturn]] void fail(const fs::path& file, std::size_t line, const std::string& what) {
    throw std::runtime_error(file.string() + ":" + std::to_string(line) + ": " + what);
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_word(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// verb_noun: lower-case words joined by underscores, at least two.
bool is_name(std::string_view name) {
    if (name.empty() || name.front() < 'a' || name.front() > 'z' || name.back() == '_') return false;
    for (char c : name)
        if (!is_word(c) || (c >= 'A' && c <= 'Z')) return false;
    return name.find('_') != std::string_view::npos && name.find("__") == std::string_view::npos;
}

// What the text of one statement holds outside its literals, quoted names and comments.
struct outline {
    std::set<int> parameters;
    std::size_t semicolons = 0;
    std::size_t last_semicolon = 0;
    std::string_view unclosed;
};

// The length of a dollar quote's tag at the front of `text` ("$$" or "$tag$"), or 0.
std::size_t dollar_tag(std::string_view text) {
    std::size_t i = 1;
    if (i < text.size() && is_digit(text[i])) return 0;
    while (i < text.size() && is_word(text[i])) ++i;
    return i < text.size() && text[i] == '$' ? i + 1 : 0;
}

// The position after the quoted or commented passage that starts at `from`, `from` when none does, npos when
// unclosed.
std::size_t skip_passage(std::string_view sql, std::size_t from) {
    const auto after = [&](std::string_view end, std::size_t begin) {
        const auto at = sql.find(end, begin);
        return at == std::string_view::npos ? at : at + end.size();
    };
    const std::string_view rest = sql.substr(from);
    if (rest.starts_with("--")) {
        const auto end = sql.find('\n', from);
        return end == std::string_view::npos ? sql.size() : end;
    }
    if (rest.starts_with("/*")) return after("*/", from + 2);
    if (rest.front() == '\'' || rest.front() == '"') return after(rest.substr(0, 1), from + 1);
    if (rest.front() == '$')
        if (const auto length = dollar_tag(rest)) return after(rest.substr(0, length), from + length);
    return from;
}

outline outline_of(std::string_view sql) {
    outline found;
    for (std::size_t i = 0; i < sql.size();) {
        const auto next = skip_passage(sql, i);
        if (next == std::string_view::npos) {
            found.unclosed = sql.substr(i, 10);
            return found;
        }
        if (next != i) {
            i = next;
            continue;
        }
        if (sql[i] == ';') {
            ++found.semicolons;
            found.last_semicolon = i;
        } else if (sql[i] == '$' && i + 1 < sql.size() && is_digit(sql[i + 1])) {
            int n = 0;
            while (i + 1 < sql.size() && is_digit(sql[i + 1]) && n < 100000) n = n * 10 + (sql[++i] - '0');
            found.parameters.insert(n);
        }
        ++i;
    }
    return found;
}

// Checks one block and gives its statement without the semicolon.
statement statement_of(const fs::path& file, std::size_t line, std::string name, std::string_view block) {
    const auto sql = trimmed(block);
    if (sql.empty()) fail(file, line, "'" + name + "' has no statement");
    const auto found = outline_of(sql);
    if (!found.unclosed.empty())
        fail(file, line, "'" + name + "' has a quote or comment without end: " + std::string(found.unclosed));
    if (found.semicolons != 1 || found.last_semicolon + 1 != sql.size())
        fail(file, line, "'" + name + "' must be exactly one statement that ends with ';'");
    if (trimmed(sql.substr(0, sql.size() - 1)).empty()) fail(file, line, "'" + name + "' has no statement");
    if (sql.find(")sql\"") != std::string_view::npos) fail(file, line, "'" + name + "' contains )sql\"");
    const int last = found.parameters.empty() ? 0 : *found.parameters.rbegin();
    if (found.parameters.contains(0) || static_cast<std::size_t>(last) != found.parameters.size())
        fail(file, line, "'" + name + "' does not use every parameter from $1 to $" + std::to_string(last));
    return {std::move(name), std::string(sql.substr(0, sql.size() - 1)), last};
}

// `names` are those of all files so far.
std::vector<statement> parse(const fs::path& file, std::set<std::string>& names) {
    const std::string text = read_file(file);
    std::vector<statement> statements;
    std::string name, block;
    std::size_t line = 0, named_at = 0;
    const auto finish = [&] {
        if (!name.empty()) statements.push_back(statement_of(file, named_at, name, block));
        block.clear();
    };
    for (std::size_t from = 0; from < text.size();) {
        auto end = text.find('\n', from);
        if (end == std::string::npos) end = text.size();
        const std::string_view row(text.data() + from, end - from);
        from = end + 1;
        ++line;
        if (row.starts_with(name_marker)) {
            finish();
            name = trimmed(row.substr(name_marker.size()));
            named_at = line;
            if (!is_name(name)) fail(file, line, "'" + name + "' is not a name of the form verb_noun");
            if (!names.insert(name).second) fail(file, line, "'" + name + "' is used twice");
        } else if (trimmed(row).empty() || trimmed(row).starts_with("--")) {
            continue;  // comments are for people: the server need not parse them
        } else if (name.empty()) {
            fail(file, line, "a statement without '-- name: verb_noun'");
        } else {
            block.append(row).append("\n");
        }
    }
    finish();
    if (statements.empty()) fail(file, line, "no statement");
    return statements;
}

void write_file(const fs::path& path, const std::string& text) {
    if (!path.parent_path().empty()) fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

void embed_statements(const std::string& folder, const fs::path& out, std::span<const std::string> files) {
    std::string text = "// Made by tools/embed_sql from the statements of " + folder +
                       ".\n#pragma once\n\n#include <array>\n\n"
                       "#include \"pg/statement.hpp\"\n\nnamespace astrotalk::" +
                       folder + "::sql {\n\n";
    std::string all;
    std::vector<statement> statements;
    std::set<std::string> names;
    for (const auto& file : files)
        for (auto& each : parse(file, names)) statements.push_back(std::move(each));
    for (const auto& each : statements) {
        text += "inline constexpr pg::statement " + each.name + "{\"" + folder + "." + each.name +
                "\", R\"sql(" + each.sql + ")sql\", " + std::to_string(each.parameters) + "};\n\n";
        all += (all.empty() ? "" : ",\n    ") + each.name;
    }
    text += "inline constexpr std::array<pg::statement, " + std::to_string(statements.size()) +
            "> all{\n    " + all + "};\n\n}  // namespace astrotalk::" + folder + "::sql\n";
    write_file(out, text);
}

// The file as a C++ literal.
std::string literal(const fs::path& file) {
    const std::string text = read_file(file);
    if (trimmed(text).empty()) throw std::runtime_error(file.string() + " is empty");
    if (text.find(")sql\"") != std::string::npos)
        throw std::runtime_error(file.string() + " contains )sql\"");
    return "R\"sql(" + text + ")sql\"";
}

void embed_migrations(const fs::path& out, const fs::path& directory) {
    std::set<std::string> names;  // in order
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.is_directory()) names.insert(entry.path().filename().string());
    std::string text =
        "// Made by tools/embed_sql from the folder of migrations.\n#include \"pg/migrate.hpp\"\n\n"
        "namespace astrotalk::pg {\nnamespace {\n\nconstexpr migration embedded[] = {\n";
    std::size_t number = 0;
    for (const auto& name : names) {
        std::string expected = std::to_string(++number);
        expected.insert(0, 4 - std::min<std::size_t>(4, expected.size()), '0');
        if (!name.starts_with(expected + "-"))
            throw std::runtime_error((directory / name).string() + ": expected a name that starts with " +
                                     expected + "-");
        text += "    {\"" + name + "\", " + literal(directory / name / "up.sql") + ",\n     " +
                literal(directory / name / "after.sql") + "},\n";
    }
    if (names.empty()) throw std::runtime_error(directory.string() + ": no migrations");
    write_file(out,
               text +
                   "};\n\n}  // namespace\n\nstd::span<const migration> migrations() { return embedded; }\n\n"
                   "}  // namespace astrotalk::pg\n");
}

}  // namespace

int main(int argc, char** argv) try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 3) throw std::runtime_error("usage: embed_sql <folder> <out.hpp> <queries.sql>…");
    if (arguments[0] == "--migrations")
        embed_migrations(arguments[1], arguments[2]);
    else
        embed_statements(arguments[0], arguments[1], std::span(arguments).subspan(2));
    return 0;
} catch (const std::exception& e) {
    std::cerr << "embed_sql: " << e.what() << "\n";
    return 1;
}
