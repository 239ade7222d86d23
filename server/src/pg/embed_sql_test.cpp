// tools/embed_sql is a program; this runs it.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

namespace fs = std::filesystem;

struct outcome {
    bool well;
    std::string made, complaint;
};

std::string contents(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

class EmbedSql : public ::testing::Test {
  protected:
    EmbedSql() {
        std::string name = (fs::temp_directory_path() / "embed_sql-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~EmbedSql() override { fs::remove_all(folder_); }

    void write(const fs::path& name, const std::string& text) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
    }
    outcome run(const std::string& first, const std::string& from, const std::string& more = {}) const {
        const fs::path out = folder_ / "out/made", complaint = folder_ / "complaint";
        const std::string command = std::string(EMBED_SQL) + " " + first + " " + out.string() + " " +
                                    (folder_ / from).string() + more + " 2>" + complaint.string();
        const bool well = std::system(command.c_str()) == 0;
        return {well, contents(out), contents(complaint)};
    }
    outcome embed(const std::string& sql) const {
        write("queries.sql", sql);
        return run("booking", "queries.sql");
    }

    std::string path(const fs::path& name) const { return (folder_ / name).string(); }

  private:
    fs::path folder_;
};

TEST_F(EmbedSql, GivesEveryStatementItsNameTextAndNumberOfParameters) {
    const auto got = embed(
        "-- About.\n\n-- name: find_user\n-- Why.\nselect 'it''s $9; fine', $$ $7; $$ -- not $8\n"
        "from t where a = $2 and b = $1::text and c = $2;\n-- name: drop_all\ndelete from t;\n");
    EXPECT_TRUE(got.well) << got.complaint;
    EXPECT_NE(got.made.find("namespace astrotalk::booking::sql {"), std::string::npos);
    EXPECT_NE(got.made.find("pg::statement find_user{\"booking.find_user\", R\"sql(select 'it''s"),
              std::string::npos);
    EXPECT_NE(got.made.find("c = $2)sql\", 2};"), std::string::npos);
    EXPECT_NE(got.made.find("R\"sql(delete from t)sql\", 0};"), std::string::npos);
    EXPECT_NE(got.made.find("std::array<pg::statement, 2> all{"), std::string::npos);
}

TEST_F(EmbedSql, GathersTheStatementsOfSeveralFilesUnderOneSetOfNames) {
    write("queries.sql", "-- name: find_user\nselect 1;\n");
    write("staff_queries.sql", "-- name: list_users\nselect 2;\n");
    const auto got = run("identity", "queries.sql", " " + path("staff_queries.sql"));
    EXPECT_TRUE(got.well) << got.complaint;
    EXPECT_NE(got.made.find("std::array<pg::statement, 2> all{"), std::string::npos);
    const auto twice = run("identity", "queries.sql", " " + path("queries.sql"));
    EXPECT_NE(twice.complaint.find("'find_user' is used twice"), std::string::npos) << twice.complaint;
}

TEST_F(EmbedSql, RefusesWhatIsNotExactlyOneNamedStatementPerBlock) {
    const std::pair<const char*, const char*> cases[] = {
        {"select 1;\n", "queries.sql:1: a statement without '-- name: verb_noun'"},
        {"-- name: find_user\n-- nothing\n", "queries.sql:1: 'find_user' has no statement"},
        {"-- name: find_user\n;\n", "queries.sql:1: 'find_user' has no statement"},
        {"-- name: find_user\nselect 1;\n-- name: find_user\nselect 1;\n",
         "queries.sql:3: 'find_user' is used twice"},
        {"-- name: find_user\nselect 1; select 2;\n", "must be exactly one statement"},
        {"-- name: find_user\nselect 1\n", "must be exactly one statement"},
        {"-- name: find_user\nselect $1, $3;\n", "does not use every parameter from $1 to $3"},
        {"-- name: find_user\nselect 'open;\n", "quote or comment without end"},
        {"-- name: FindUser\nselect 1;\n", "is not a name of the form verb_noun"},
        {"-- name: find\nselect 1;\n", "is not a name of the form verb_noun"},
        {"-- only words\n", "no statement"},
    };
    for (const auto& [sql, complaint] : cases) {
        const auto got = embed(sql);
        EXPECT_FALSE(got.well) << sql;
        EXPECT_NE(got.complaint.find(complaint), std::string::npos) << got.complaint;
        EXPECT_EQ(got.made, "");
    }
}

TEST_F(EmbedSql, CarriesMigrationsInOrderAndRefusesAGap) {
    write("migrations/0002-more/up.sql", "create table b ();");
    write("migrations/0002-more/after.sql", "select 'b', true;");
    EXPECT_NE(run("--migrations", "migrations").complaint.find("starts with 0001-"), std::string::npos);
    write("migrations/0001-first/up.sql", "create table a ();");
    EXPECT_NE(run("--migrations", "migrations").complaint.find("cannot read"), std::string::npos);
    write("migrations/0001-first/after.sql", "select 'a', true;");
    const auto got = run("--migrations", "migrations");
    EXPECT_TRUE(got.well) << got.complaint;
    EXPECT_LT(got.made.find("\"0001-first\""), got.made.find("\"0002-more\""));
    EXPECT_NE(got.made.find("R\"sql(select 'b', true;)sql\""), std::string::npos);
}

}  // namespace
