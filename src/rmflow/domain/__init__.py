"""What a mentoring programme is: values and rules, no input and no output."""
