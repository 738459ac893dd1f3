"""Every desk's whole task, by keyboard, in a running CareLoop: a child from the bureau's file to a month that was paid for.

    python desks.py CARELOOP_TOOL [FOLDER FOR PICTURES]     (in the directory of the run)
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TMPDIR_DESK", tempfile.mkdtemp(prefix="careloop-desks-"))
from keyboard import Desk, Failed  # noqa: E402  (reads the folder above)

tool = sys.argv[1]
shots = sys.argv[2] if len(sys.argv) > 2 else None
CENTRE = "rc-370302-1"
# 370303001, where the walk's children live.
HOME = "车站街道"


def careloop(*arguments):
    done = subprocess.run([tool, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"careloop {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


def links(role, organisation, region):
    made = careloop("link", "--role", role, "--org", organisation, "--region", region, "--user", f"browser-{role}", "--json")
    return {link["service"]: link["url"] for link in json.loads(made)}


def citizen_id(serial):
    """A number of an unassigned region, with its check digit worked out here."""
    first = f"37999920210901{serial:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights)) % 11]


CHILDREN = [("浏览器童甲", citizen_id(901), "男"), ("浏览器童乙", citizen_id(902), "女")]
TELEPHONE = "000-55500017"
GUARDIAN = "浏览器家长"


def rows(today, head):
    """One line a result, in the order of the template's own columns."""
    lines = []
    for number, (name, document, sex) in enumerate(CHILDREN):
        for step, stage in enumerate(["初筛", "复筛", "诊断"]):
            known = {
                "结果编号": f"b-{number}-{step}", "版本": "1", "阶段": stage, "内容": "听力", "结果": "阳性", "筛查日期": today, "月龄": "36",
                "证件类型": "居民身份证", "证件号码": document, "姓名": name, "性别": sex, "出生日期": "2021-09-01", "监护人": GUARDIAN,
                "监护人电话": TELEPHONE, "居住地": "370303001",
            }
            missing = [column for column in known if column not in head]
            if missing:
                raise Failed(f"the template has no column {missing}: {head}")
            lines.append(",".join(known.get(column, "") for column in head))
    return lines


def bureau(folder):
    desk = Desk("bureau", shots)
    desk.sign_in(links("healthBureau", "hb-3703", "3703")["screening"])
    desk.press("待办")
    desk.look("to-do")
    desk.press("报送")
    desk.look("uploads")
    template = desk.driver.execute_async_script(
        "const done = arguments[0]; fetch('/uploads/template.csv?headers=zh').then((r) => r.text()).then(done);")
    head = template.lstrip("\ufeff").splitlines()[0].split(",")
    today = desk.driver.execute_script("return document.querySelector('footer time').innerText")
    lines = rows(today, head)
    broken = lines[-1].replace(CHILDREN[1][1], CHILDREN[1][1][:-1] + ("0" if CHILDREN[1][1][-1] != "0" else "1"))
    file = folder / "报送.csv"
    file.write_text("\n".join([",".join(head), *lines[:-1], broken]) + "\n", "utf-8")

    desk.choose("要做什么", "只检查")
    desk.attach("文件", file)
    desk.press("发送文件")
    desk.must("6行中有1行需要改正", "什么也没有保存")
    desk.look("checked")
    desk.choose("要做什么", "POST /uploads")
    desk.attach("文件", file)
    desk.press("发送文件")
    desk.must("已完成", "退回的原因", "改正后再报")
    desk.look("upload")
    desk.not_kept()
    refused = desk.driver.execute_async_script(
        "const done = arguments[0]; fetch(document.querySelector('a[href$=\"refused.csv\"]').href).then((r) => r.text()).then(done);")
    if "ID_CHECKSUM_INVALID" not in refused:
        raise Failed(f"the refused rows: {refused}")
    mended = folder / "改正.csv"
    mended.write_text(refused.replace(broken.split(",")[head.index("证件号码")], CHILDREN[1][1]), "utf-8")
    desk.choose("要做什么", "POST /uploads")
    desk.attach("文件", mended)
    desk.press("发送文件")
    desk.must("已完成")
    if "改正后再报" in desk.text:
        raise Failed(f"what was mended was refused again: {desk.text}")
    desk.press("English")
    desk.must("Receipts", "Accepted")
    desk.look("upload-english")
    return desk


def choices(clerk):
    """The clerk records both families' choice of the same centre."""
    clerk.sign_in(LINKS["clerk"]["screening"])
    clerk.until("待监护人选择")
    clerk.look("to-do")
    for _ in CHILDREN:
        clerk.press("待办清单")
        clerk.look("work-list")
        clerk.press("待监护人选择")
        clerk.until(HOME)
        clerk.look("undecided")
        clerk.follow_row(HOME)
        clerk.look("choice")
        clerk.choose("此刻可选的机构", CENTRE)
        clerk.press("登记选择")
        clerk.must("已完成", "监护人选择")
    clerk.look("chosen")


def main():
    folder = pathlib.Path(os.environ["TMPDIR_DESK"])
    for role, organisation, region in [
        ("clerk", "dpf-37", "37"), ("reviewer", "dpf-37", "37"), ("rehabilitationCentre", CENTRE, "370302"), ("finance", "fin-37", "37"),
        ("dashboard", "dpf-37", "37"),
    ]:
        LINKS[role] = links(role, organisation, region)
    desks = [bureau(folder)]
    clerk, centre, reviewer, finance, board = (Desk(n, shots) for n in ["clerk", "centre", "reviewer", "finance", "board"])
    desks += [clerk, centre, reviewer, finance, board]
    choices(clerk)

    # The centre: accepts one child, declines the other with a reason.
    centre.sign_in(LINKS["rehabilitationCentre"]["rehabilitation"])
    centre.until("待答复的转介")
    centre.look("to-do")
    centre.press("待答复的转介")
    centre.until(HOME)
    centre.look("referrals")
    centre.follow_row(HOME)
    centre.must("为什么转介到这里", "请于")
    centre.look("referral")
    centre.press("谢绝……", stays=True)
    centre.fill("谢绝的理由", "暂无听力治疗师")
    centre.press("谢绝", form="decline")
    centre.must("已谢绝", "暂无听力治疗师")
    centre.look("declined")
    centre.press("待办")
    centre.press("待答复的转介")
    centre.follow_row(HOME)
    referral = centre.driver.current_url
    address = centre.driver.find_element("partial link text", "查阅家庭联系方式").get_attribute("href")
    centre.press("接收该儿童")
    centre.until("已确认承接")
    centre.look("confirmed")

    # The family's contact, at Registration: a purpose first, and then exactly what is needed.
    centre.sign_in(LINKS["rehabilitationCentre"]["registration"])
    centre.look("contact-empty")
    centre.open(address)
    centre.look("contact-purpose")
    centre.press("查阅")
    centre.must(GUARDIAN, TELEPHONE, "已记录")
    centre.look("contact")
    centre.not_kept()
    foreign = Desk("foreign", shots)
    desks.append(foreign)
    foreign.sign_in(links("rehabilitationCentre", "rc-370303-9", "370303")["registration"])
    foreign.open(address + "&purpose=visit")
    if GUARDIAN in foreign.text or "NOT_FOUND" not in foreign.text:
        raise Failed(f"another centre sees {foreign.text}")
    foreign.look("not-found")

    # The clerk applies, completes the papers; the reviewer decides; the clerk confirms the institution; the centre enrols.
    clerk.sign_in(LINKS["clerk"]["rehabilitation"])
    clerk.look("rehabilitation-to-do")
    clerk.open(referral)
    clerk.until("尚未申请救助")
    clerk.look("referral")
    clerk.choose("依据", "户籍")
    clerk.press("提交申请")
    application = clerk.driver.current_url.split("?")[0]
    clerk.must("材料待齐", "为什么是这样")
    clerk.look("application")
    clerk.press("材料齐备")
    clerk.must("待审核", "由另一人")
    reviewer.sign_in(LINKS["reviewer"]["rehabilitation"])
    reviewer.look("to-do")
    reviewer.press("待审核的申请")
    reviewer.look("applications")
    reviewer.open(application)
    reviewer.press("不予批准……", stays=True)
    reviewer.look("application")
    reviewer.press("批准", form="approve")
    reviewer.must("已批准")
    clerk.driver.refresh()
    clerk.choose("监护人选择的机构", "已承接转介")
    clerk.look("institution")
    clerk.press("确认机构")
    clerk.must("已定机构")
    centre.open(application)
    centre.look("application")
    centre.press("入训", form="enrol")
    training = centre.driver.current_url.split("?")[0]
    centre.must("在训")
    centre.look("training-empty")

    # A month later: first a slip of the pen, then what was meant.
    today = centre.driver.execute_script("return document.querySelector('footer time').innerText")
    year, month = int(today[:4]), int(today[5:7])
    following = f"{year + month // 12}-{month % 12 + 1:02}"
    after = f"{year + (month + 1) // 12}-{(month + 1) % 12 + 1:02}"
    careloop("clock", "--to", f"{after}-05")
    centre.open(training)
    centre.fill("月份", following)
    centre.fill("服务天数", "20")
    centre.fill("总费用", "3000.00")
    for field in ["基本医保", "大病保险", "医疗救助"]:
        centre.fill(field, "1100.00" if field == "基本医保" else "0")
    centre.fill("其他保险", "-1")
    centre.press("登记该月")
    centre.must("没有完成")
    centre.look("refused")
    centre.fill("其他保险", "0")
    centre.press("登记该月")
    centre.must("已完成", following, "1100.00")
    centre.press("为什么是这个数", stays=True)
    centre.must("先由医保支付")
    centre.look("training")
    centre.press("English")
    centre.must("Month by month")
    centre.press("中文")

    # The settlement: put together, decided by another, paid.
    clerk.press("结算")
    clerk.look("settlements")
    clerk.choose("机构", CENTRE)
    clerk.press("提交结算", form="submit")
    settlement = clerk.driver.current_url.split("?")[0]
    clerk.must("待审核", "金额由来")
    clerk.look("settlement")
    reviewer.open(settlement)
    reviewer.press("批准结算")
    reviewer.must("待支付")
    finance.sign_in(LINKS["finance"]["rehabilitation"])
    finance.look("to-do")
    finance.open(settlement)
    finance.press("确认已支付")
    finance.must("已支付")
    centre.open(settlement)
    centre.must("已支付")
    centre.look("settlement")

    # One person's timeline, found by a number that stands in no address.
    clerk.sign_in(LINKS["clerk"]["registration"])
    clerk.look("persons")
    clerk.fill("居民身份证号码", CHILDREN[0][1])
    clerk.press("查找")
    if CHILDREN[0][1] in clerk.driver.current_url or CHILDREN[0][0] in clerk.text:
        raise Failed(f"the timeline tells who it is: {clerk.driver.current_url}")
    clerk.must("时间线", "发出转介")
    clerk.look("timeline")
    clerk.not_kept()
    clerk.press("退出")
    clerk.must("一次性链接")

    # Figures, for everyone and for the county.
    reporting = LINKS["dashboard"]["reporting"].split("/session")[0]
    board.open(reporting)
    board.look("public")
    board.sign_in(LINKS["dashboard"]["reporting"])
    board.must("漏斗")
    board.waits("实时")
    board.look("live")
    board.press("济南市")
    board.look("prefecture")
    board.press("English")
    board.must("Funnel")

    count = sum(desk.checked for desk in desks)
    kinds = sum(len(desk.seen) for desk in desks)
    for desk in desks:
        desk.close()
    print(json.dumps({"pages": kinds, "checks": count}))


LINKS = {}

if __name__ == "__main__":
    main()
