"""What a person does again and again; each step ends when the page shows that it is done.

A press that is followed at once by the next one may meet the page as it was before: whoever presses twice
on one question has answered it twice and not the next. So nothing here returns before the page has moved on.
"""

from playwright.sync_api import expect

from tests.factories.accounts import PASSWORD


def give_name_and_password(page, user):
    """Fill the login page that is shown, and send it."""
    page.locator("input[name=login]").fill(user.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    expect(page.locator("input[name=password]")).to_have_count(0)


def log_in(page, farm):
    """Through the login page to the portal's home."""
    page.goto("/accounts/login/?next=/my/")
    give_name_and_password(page, farm.user)
    page.wait_for_url("**/my/")


def to_next(page):
    """From one question to the next."""
    leave(page, "下一步")


def leave(page, button):
    """Press a button that leads to a page with another heading."""
    heading = page.get_by_role("heading", level=1)
    asked = heading.inner_text()
    page.get_by_role("button", name=button).click()
    expect(heading).not_to_have_text(asked)


def save(page):
    """Press 保存 on the last page, and wait until that page is gone: it is kept, or sent."""
    button = page.get_by_role("button", name="保存")
    button.click()
    expect(button).to_have_count(0)


def choose_large_letters(page):
    """大字版, and the page as it then is."""
    page.get_by_role("button", name="大字版").click()
    expect(page.get_by_role("button", name="标准字号")).to_be_visible()
