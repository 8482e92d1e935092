"""The whole time in care at a glance: dates, codes and references of what a picture of it shows. No narrative."""
