"""Compares the demo year's report with the reference year's figures. Usage: check-report.py report.json"""
import json, sys

WANTED = {
    "study_session.study_sessions_party": 15, "study_session.study_sessions_cadres": 20,
    "study_session.laws_studied": 13, "license.licenses_granted": 46, "confirmation.confirmations_done": 105,
    "registers.valid_certificates": 18, "inspection.inspections_done": 475, "inspection.problems_found": 23,
    "inspection.problems_cleared": 23, "inspection.problems_open": 0, "dispute.disputes_registered": 638,
    "dispute.disputes_mediated": 638, "hotline_ticket.hotline_orders_accepted": 642,
    "hotline_ticket.hotline_orders_closed": 635, "hotline_ticket.orders_open": 7, "hotline_ticket.orders_returned": 0,
    "petition.petitions_accepted": 12, "inspection_item.items_received": 9, "registers.petitions_and_items": 17,
    "registers.petitions_items_overlap": 4, "registers.pilot_villages": 1, "hotline_ticket.completion_rate": 98.9096,
}
KEYS = {"indicator", "label", "value", "unit", "numerator", "denominator", "definition", "cutoff", "log_size"}
CLAIMS = {"数据", "文件", "事件", "清单", "定性", "引文", "计划"}
report = json.load(open(sys.argv[1], encoding="utf-8"))
found = {f["indicator"]: f["value"] for f in report["figures"]}
wrong = [f"{k}: wanted {v}, found {found.get(k)}" for k, v in WANTED.items()
         if found.get(k) is None or abs(found[k] - v) > 0.001]
if found["dispute.mediation_success_rate"] >= 100:
    wrong.append("mediation success rate is not below 100 %")
for figure in report["figures"]:
    if set(figure) != KEYS:
        wrong.append(f"{figure['indicator']}: keys {sorted(set(figure) ^ KEYS)} differ")
    if figure["unit"] == "%" and None in (figure["numerator"], figure["denominator"]):
        wrong.append(f"{figure['indicator']}: a rate without numerator or denominator")
    if not figure["definition"] or not figure["cutoff"].startswith(str(report["year"])):
        wrong.append(f"{figure['indicator']}: no definition or cut-off")
if missing := CLAIMS - {claim["kind"] for claim in report["claims"]}:
    wrong.append(f"no claim of the kinds {missing}")
for claim in report["claims"]:
    if claim["kind"] in ("数据", "事件", "清单", "计划") and not claim["figures"]:
        wrong.append(f"unbound claim: {claim['text'][:30]}")
if report["findings"]:
    wrong.append(f"findings: {report['findings']}")
if report["days_late"] != 94:
    wrong.append(f"published {report['days_late']} days late, wanted 94")
print("\n".join(wrong) or f"{len(WANTED)} figures as wanted")
sys.exit(bool(wrong))
