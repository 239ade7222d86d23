#include "social/personal_data.hpp"

#include "social/queries.hpp"

namespace astrotalk::social {
namespace {

using columns = const std::string_view[];

constexpr columns follow_columns = {"follow.user_id"};
constexpr columns block_columns = {"block.blocker_id"};
constexpr columns report_columns = {"report.reporter_id", "report.subject_id", "report.reason",
                                    "report.text_sealed", "report.decision_reason"};

constexpr pg::data_class classes[] = {
    {.name = "social.follows",
     .english = "Which astrologers you follow, and when you were last told that one is free.",
     .hindi = "आप किन ज्योतिषियों को फ़ॉलो करते हैं, और आपको पिछली सूचना कब मिली।",
     .kept = pg::retention::account,
     .columns = follow_columns,
     .read = &sql::read_follow_data,
     .ends_with_account = true},
    {.name = "social.blocks",
     .english = "Whom you have blocked.",
     .hindi = "आपने किन्हें ब्लॉक किया है।",
     .kept = pg::retention::account,
     .columns = block_columns,
     .read = &sql::read_block_data,
     .ends_with_account = true},
    {.name = "social.reports",
     .english =
         "What you reported of others and what staff decided. Your words go with your account; the decision "
         "is kept for the safety of others.",
     .hindi = "आपने दूसरों के बारे में क्या शिकायत की और क्या निर्णय हुआ। आपके शब्द खाते के साथ मिट "
              "जाते हैं; निर्णय दूसरों की सुरक्षा के लिए रखा जाता है।",
     .kept = pg::retention::log,
     .columns = report_columns,
     .read = &sql::read_report_data,
     .erase = &sql::forget_reports,
     .purge = &sql::purge_decided_reports,
     .due = &sql::due_decided_reports},
};

std::string text_place(const std::string& row) { return "report.text:" + row; }

constexpr jobs::sealed_column sealed[] = {
    {"report.text", "report.text", text_place, sql::read_sealed_report_texts,
     sql::replace_sealed_report_texts},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }
std::span<const jobs::sealed_column> sealed_columns() { return sealed; }

}  // namespace astrotalk::social
