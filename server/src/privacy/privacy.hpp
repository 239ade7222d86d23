// What the product owes the people whose data it holds. The way into this folder.
#pragma once

#include "privacy/audit.hpp"
#include "privacy/consent.hpp"
#include "privacy/corrections.hpp"
#include "privacy/data_requests.hpp"
#include "privacy/personal_data.hpp"
