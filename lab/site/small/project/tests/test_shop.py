import unittest

from shop import PRICES


class Prices(unittest.TestCase):
    def test_nothing_is_free(self) -> None:
        self.assertTrue(all(PRICES.values()))
