"""Every report, in the order in which they are shown."""

from erp.reports.kinds.ageing import Ageing
from erp.reports.kinds.base import Report
from erp.reports.kinds.best import BestAndWorst
from erp.reports.kinds.buyers import BuyerBalances
from erp.reports.kinds.dead import DeadStock
from erp.reports.kinds.difference import Difference
from erp.reports.kinds.margin import Margin
from erp.reports.kinds.movement import Movement
from erp.reports.kinds.owed import OwedGoods
from erp.reports.kinds.reorder import Reorder
from erp.reports.kinds.sell_through import SellThrough
from erp.reports.kinds.sizes import SizeCurve
from erp.reports.kinds.stock_value import StockValue
from erp.reports.kinds.turnover import Turnover

REPORTS: dict[str, Report] = {
    report.slug: report
    for report in (
        Reorder(), StockValue(), Movement(), Difference(), BestAndWorst(), SellThrough(), Turnover(), SizeCurve(),
        Ageing(), DeadStock(), Margin(), BuyerBalances(), OwedGoods(),
    )
}  # fmt: skip

__all__ = ["REPORTS", "Report"]
