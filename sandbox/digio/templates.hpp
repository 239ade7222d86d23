// The workflows of this account, as somebody would have made them in Digio Studio.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "digio/request.hpp"

namespace sandbox::digio {

struct workflow {
    std::string_view name, id;
    std::array<kind, 3> kinds;
    std::size_t count;
};

inline constexpr std::array<workflow, 3> workflows{{
    {"DIGILOCKER_AADHAAR_PAN", "KTP250101000000000AADHAARPAN0001", {kind::digilocker}, 1},
    {"DIGILOCKER_CONDITIONAL_SELFIE",
     "KTP250101000000000SELFIECOND0001",
     {kind::digilocker, kind::selfie},
     2},
    {"ASTROLOGER_VIDEO_KYC",
     "KTP250101000000000VIDEOAGENT0001",
     {kind::digilocker, kind::selfie, kind::two_way_video},
     3},
}};

inline const workflow* find_workflow(std::string_view name, std::string_view id) {
    for (const auto& each : workflows)
        if ((name.empty() || each.name == name) && (id.empty() || each.id == id)) return &each;
    return nullptr;
}

inline std::vector<action> actions_of(const workflow& of) {
    std::vector<action> made;
    for (std::size_t i = 0; i < of.count; ++i) {
        action each{.type = of.kinds[i]};
        each.ref = std::string(name_of(each.type)) + "-1";
        if (each.type == kind::selfie) {
            each.geo_id = "wanted";
            each.face_match = "match_required";
        }
        made.push_back(std::move(each));
    }
    return made;
}

}  // namespace sandbox::digio
