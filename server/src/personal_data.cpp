#include "personal_data.hpp"

#include "booking/personal_data.hpp"
#include "directory/personal_data.hpp"
#include "identity/identity.hpp"
#include "identity/personal_data.hpp"
#include "intake/intake.hpp"
#include "intake/personal_data.hpp"
#include "jobs/personal_data.hpp"
#include "notification/notification.hpp"
#include "notification/personal_data.hpp"
#include "onboarding/onboarding.hpp"
#include "onboarding/personal_data.hpp"
#include "recharge/personal_data.hpp"
#include "reviews/personal_data.hpp"
#include "social/personal_data.hpp"
#include "wallet/personal_data.hpp"
#include "webhooks/personal_data.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk {

std::vector<pg::personal_data> all_personal_data() {
    return {identity::personal_data(), onboarding::personal_data(), directory::personal_data(),
            booking::personal_data(),  intake::personal_data(),     reviews::personal_data(),
            social::personal_data(),   wallet::personal_data(),     recharge::personal_data(),
            jobs::personal_data(),     webhooks::personal_data(),   notification::personal_data(),
            privacy::personal_data()};
}

std::vector<jobs::sealed_column> all_sealed_columns() {
    std::vector<jobs::sealed_column> all;
    for (const auto& columns :
         {jobs::sealed_columns(), identity::sealed_columns(), privacy::sealed_columns(),
          privacy::sealed_request_columns(), webhooks::sealed_columns(), notification::sealed_columns(),
          onboarding::sealed_columns(), intake::sealed_columns(), social::sealed_columns()})
        for (const auto& column : columns) all.push_back(column);
    return all;
}

privacy::data_register make_register(privacy::retention_days days, std::string contact,
                                     std::vector<privacy::recipient> recipients) {
    privacy::data_register made{{}, days, std::move(contact), std::move(recipients)};
    for (const auto& folder : all_personal_data())
        made.classes.insert(made.classes.end(), folder.classes.begin(), folder.classes.end());
    return made;
}

}  // namespace astrotalk
