// A registration with India's operators, as an operator of AstroTalk would configure it.
const kinds = [
  "code",
  "sign_up_taken",
  "phone_changed",
  "authenticator_changed",
  "recovery_asked",
  "recovery_done",
  "kyc_approved",
  "kyc_rejected",
  "kyc_failed",
  "payout_account_changed",
  "booked",
  "booked_astrologer",
  "rescheduled",
  "rescheduled_astrologer",
];
for (const who of ["you", "astrologer", "team"]) kinds.push(`cancelled_by_${who}`);
for (const who of ["user", "you", "team"]) kinds.push(`astrologer_cancelled_by_${who}`);

export const entityId = "1101000000000000001";
export const templateIds = Object.fromEntries(
  kinds.map((kind, n) => [`${kind}.en`, `11071612345678901${10 + n}`]),
);

export const snsSettings = {
  ASTROTALK_GRIEVANCE_CONTACT: "privacy@astrotalk.example",
  ASTROTALK_SMS: "sns",
  ASTROTALK_DLT_ENTITY: entityId,
  ASTROTALK_DLT_HEADER: "ASTROT",
  ASTROTALK_DLT_TEMPLATES: Object.entries(templateIds)
    .map((each) => each.join("="))
    .join(),
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

// What production does not start without, but for the issuer.
export const productionSettings = {
  ...snsSettings,
  ASTROTALK_ENV: "production",
  ASTROTALK_TLS_PROXY: "on",
  ASTROTALK_GRIEVANCE_CONTACT: "dpo@astrotalk.example",
  ASTROTALK_RAZORPAY_KEY_ID: "rzp_live_key",
  ASTROTALK_RAZORPAY_KEY_SECRET: "hunter2razorpay",
};
