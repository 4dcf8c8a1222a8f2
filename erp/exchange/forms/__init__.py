"""What a person enters on the pages of imports."""
