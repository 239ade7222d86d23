#include "notification/calendar.hpp"

#include <date/tz.h>
#include <fmt/format.h>
#include <libical/ical.h>

#include <memory>

#include "core/verify.hpp"

namespace astrotalk::notification {
namespace {

using std::chrono::seconds;

struct freed {
    void operator()(icalcomponent* c) const { icalcomponent_free(c); }
    void operator()(char* text) const { icalmemory_free_buffer(text); }
};
using component = std::unique_ptr<icalcomponent, freed>;
using text_buffer = std::unique_ptr<char, freed>;

const date::time_zone& zone_named(const std::string& name) {
    try {
        return *date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return *date::locate_zone("Etc/UTC");
    }
}

// What clocks show that far ahead of UTC, in libical's form, which is of no zone.
icaltimetype wall_time(instant at, seconds offset) {
    const auto wall = std::chrono::floor<seconds>(at) + offset;
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const std::chrono::year_month_day date(day);
    const auto of_day = (wall - day).count();
    icaltimetype made = icaltime_null_time();
    made.year = static_cast<int>(date.year());
    made.month = static_cast<int>(static_cast<unsigned>(date.month()));
    made.day = static_cast<int>(static_cast<unsigned>(date.day()));
    made.hour = static_cast<int>(of_day / 3600);
    made.minute = static_cast<int>(of_day / 60 % 60);
    made.second = static_cast<int>(of_day % 60);
    return made;
}

icaltimetype utc_time(instant at) {
    auto made = wall_time(at, seconds(0));
    made.zone = icaltimezone_get_utc_timezone();
    return made;
}

void add(icalcomponent* to, icalproperty* what) {
    verify(what != nullptr);
    icalcomponent_add_property(to, what);
}

// A stretch of time with one offset, which began at `begin` when clocks went over from another.
component observance(const date::sys_info& now, seconds from, instant begin) {
    component made(now.save != std::chrono::minutes(0) ? icalcomponent_new_xdaylight()
                                                       : icalcomponent_new_xstandard());
    add(made.get(), icalproperty_new_dtstart(wall_time(begin, from)));
    add(made.get(), icalproperty_new_tzoffsetfrom(static_cast<int>(from.count())));
    add(made.get(), icalproperty_new_tzoffsetto(static_cast<int>(now.offset.count())));
    if (!now.abbrev.empty()) add(made.get(), icalproperty_new_tzname(now.abbrev.c_str()));
    return made;
}

// The zone's rules from a year before to a year after: more than a booking can be moved by, and all of them
// as they are, without a rule that repeats them for ever.
component zone_rules(const std::string& name, instant from, instant to) {
    constexpr std::chrono::days around{366};
    const auto& zone = zone_named(name);
    component made(icalcomponent_new_vtimezone());
    add(made.get(), icalproperty_new_tzid(name.c_str()));
    auto info = zone.get_info(std::chrono::floor<seconds>(from - around));
    // The first one's beginning may be centuries ago; it is enough that it covers what is here.
    icalcomponent_add_component(made.get(), observance(info, info.offset, from - around).release());
    while (info.end < to + around) {
        const auto before = info.offset;
        const auto begin = info.end;
        info = zone.get_info(begin);
        icalcomponent_add_component(made.get(), observance(info, before, begin).release());
    }
    return made;
}

icalproperty* in_zone(icalproperty* what, const std::string& zone) {
    icalproperty_add_parameter(what, icalparameter_new_tzid(zone.c_str()));
    return what;
}

std::string summary_of(const calendar_entry& of) {
    const bool hindi = of.language == sms::language::hi;
    if (of.reader == side::astrologer) return hindi ? "AstroTalk परामर्श" : "AstroTalk consultation";
    const auto name = shortened(of.astrologer_name, 100);
    return hindi ? fmt::format("{} के साथ AstroTalk परामर्श", name)
                 : fmt::format("AstroTalk consultation with {}", name);
}

component alarm_of(const calendar_entry& of) {
    component made(icalcomponent_new_valarm());
    add(made.get(), icalproperty_new_action(ICAL_ACTION_DISPLAY));
    add(made.get(), icalproperty_new_trigger(icaltriggertype_from_int(-600)));
    add(made.get(), icalproperty_new_description(summary_of(of).c_str()));
    return made;
}

component event_of(const calendar_entry& of, instant now) {
    const auto& zone = zone_named(of.zone);
    const auto local = [&](instant at) {
        return wall_time(at, zone.get_info(std::chrono::floor<seconds>(at)).offset);
    };
    component made(icalcomponent_new_vevent());
    auto* const into = made.get();
    add(into, icalproperty_new_uid(fmt::format("{}@astrotalk", of.id.to_string()).c_str()));
    add(into, icalproperty_new_sequence(of.revision));
    add(into, icalproperty_new_dtstamp(utc_time(now)));
    add(into, icalproperty_new_created(utc_time(of.created_at)));
    add(into, in_zone(icalproperty_new_dtstart(local(of.starts_at)), of.zone));
    add(into, in_zone(icalproperty_new_dtend(local(of.ends_at)), of.zone));
    add(into, icalproperty_new_status(of.cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add(into, icalproperty_new_summary(summary_of(of).c_str()));
    add(into, icalproperty_new_categories(of.channel.c_str()));
    add(into, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    // RFC 5546 wants one of a published event; nobody answers there.
    auto* const organizer = icalproperty_new_organizer("invalid:nomail");
    icalproperty_add_parameter(organizer, icalparameter_new_cn("AstroTalk"));
    add(into, organizer);
    if (!of.cancelled) icalcomponent_add_component(into, alarm_of(of).release());
    return made;
}

}  // namespace

std::string calendar_text(const calendar_entry& of, instant now) {
    component all(icalcomponent_new_vcalendar());
    add(all.get(), icalproperty_new_prodid("-//AstroTalk//AstroTalk//EN"));
    add(all.get(), icalproperty_new_version("2.0"));
    add(all.get(), icalproperty_new_calscale("GREGORIAN"));
    add(all.get(), icalproperty_new_method(of.cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_PUBLISH));
    icalcomponent_add_component(all.get(), zone_rules(of.zone, of.starts_at, of.ends_at).release());
    icalcomponent_add_component(all.get(), event_of(of, now).release());
    const text_buffer text(icalcomponent_as_ical_string_r(all.get()));
    return text.get();
}

}  // namespace astrotalk::notification
