// Writes money.tsv: amounts as the ICU of Node.js writes them, whose CLDR
// version the first line has. Run: node money.js > money.tsv
const locales = ("en-US en-GB en-IN en-CA en-AU en-CH en-ZA en-IE en-NZ fr-FR fr-CH fr-CA fr-BE de-DE de-AT de-CH de-LI " +
  "it-IT it-CH es-ES es-AR es-MX es-CO es-CL es-US es-PE es-419 pt-BR pt-PT nl-NL nl-BE no-NO nb-NO nn-NO sv-SE da-DK fi-FI is-IS " +
  "pl-PL cs-CZ sk-SK hu-HU ro-RO bg-BG hr-HR sr-RS sr-Latn-RS sl-SI et-EE lv-LV lt-LT el-GR tr-TR ru-RU uk-UA he-IL ar-EG ar-SA ar-AE " +
  "fa-IR hi-IN bn-BD mr-IN ta-IN th-TH vi-VN id-ID ms-MY fil-PH zh-CN zh-TW zh-HK ja-JP ko-KR sw-KE af-ZA ca-ES eu-ES gl-ES ga-IE " +
  "cy-GB uz-UZ kk-KZ my-MM fo-FO eo br-FR wo-SN tg-TJ tt-RU mi-NZ ia lb-LU fy-NL gsw-CH se-NO rw-RW to-TO xh-ZA ee-GH sah-RU ku-TR " +
  "sr-Latn ms-ID uz-AF sd-Deva-IN pa-PK su-ID kl-GL lg-UG agq-CM sat-IN kxv-IN xnr-IN").split(" ");
const currencies = {EUR: 2, USD: 2, GBP: 2, JPY: 0, CHF: 2, NOK: 2, INR: 2, BRL: 2, KWD: 3, CLF: 4, MXN: 2, CAD: 2};
const amounts = ["5", "-123450", "1234567", "-1234567890"]; // minor units
console.log("# CLDR " + process.versions.cldr + ", ICU " + process.versions.icu);
for (const locale of locales) {
  for (const [currency, digits] of Object.entries(currencies)) {
    const format = new Intl.NumberFormat(locale, {style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits});
    const texts = amounts.map((minor) => {
      const sign = minor[0] === "-" ? "-" : "";
      const all = minor.replace("-", "").padStart(digits + 1, "0");
      const whole = all.slice(0, all.length - digits);
      return format.format(sign + whole + (digits ? "." + all.slice(-digits) : ""));
    });
    console.log([locale, currency, ...texts].join("\t"));
  }
}
