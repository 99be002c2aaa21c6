"""Commands that maintain this repository; nothing in the extension imports them."""
